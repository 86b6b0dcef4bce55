namespace Provision.EndToEnd;

/// <summary>BPF programs that decide on devices, seen by bpf(2) from Python, which is on every machine of the tests.</summary>
internal static class DevicePrograms
{
    private const string Script =
        """
        import ctypes, os, struct, sys
        libc = ctypes.CDLL(None, use_errno=True)
        number = {'x86_64': 321, 'aarch64': 280}[os.uname().machine]
        def bpf(command, attributes):
            buffer = ctypes.create_string_buffer(attributes.ljust(256, b'\0'), 256)
            result = libc.syscall(number, command, buffer, 256)
            return (result, buffer.raw) if result >= 0 else (None, b'')
        def tag(identity):
            program, _ = bpf(13, struct.pack('<I', identity))
            if program is None:
                return None
            info = ctypes.create_string_buffer(128)
            bpf(15, struct.pack('<IIQ', program, 128, ctypes.addressof(info)))
            os.close(program)
            return info.raw[8:16].hex()
        DEVICE, at = 6, 0
        if sys.argv[1] == 'loaded':
            while (found := bpf(11, struct.pack('<I', at)))[0] is not None:
                at = struct.unpack_from('<I', found[1], 4)[0]
                print(tag(at))
        for path in sys.argv[2:]:
            try:
                cgroup = os.open(path, os.O_RDONLY)
            except OSError:
                continue
            ids = (ctypes.c_uint32 * 64)()
            result, answer = bpf(16, struct.pack('<IIIIQI', cgroup, DEVICE, 0, 0, ctypes.addressof(ids), 64))
            os.close(cgroup)
            if result is not None:
                count = struct.unpack_from('<I', answer, 24)[0]
                print(path, *[tag(ids[i]) for i in range(count)])
        """;

    private static readonly bool Used = Hierarchies.V1("devices") is null;

    /// <summary>A line a cgroup of v2: its path and the tags (a hash of the instructions) of the programs attached to it.</summary>
    public static IReadOnlyList<string> Attached(IReadOnlyList<string> cgroups) => Used && cgroups.Count > 0
        ? Lines("attached", [.. cgroups])
        : [];

    /// <summary>How many programs with these tags are loaded, attached anywhere or not.</summary>
    public static int Loaded(IReadOnlyCollection<string> tags) => Lines("loaded", []).Count(tags.Contains);

    private static string[] Lines(string what, string[] cgroups) =>
        Command.Run("python3", ["-c", Script, what, .. cgroups]).Succeeded().Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
