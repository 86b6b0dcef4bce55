using System.Globalization;

namespace Provision.Testing;

/// <summary>
/// Device programs of a v2 cgroup seen and attached by other hands than Provision's: bpf(2) from Python, which is on
/// every machine of the tests where bpftool need not be.
/// </summary>
public static class BpfWitness
{
    /// <summary>A program attached to the cgroup itself.</summary>
    public sealed record Attached(uint Id, string Tag, string Name);

    public const int Alone = 0, AllowOverride = 1, AllowMulti = 2;

    private const string Script =
        """
        import ctypes, os, struct, sys
        libc = ctypes.CDLL(None, use_errno=True)
        number = {'x86_64': 321, 'aarch64': 280}[os.uname().machine]
        def bpf(command, attributes):
            buffer = ctypes.create_string_buffer(attributes.ljust(256, b'\0'), 256)
            result = libc.syscall(number, command, buffer, 256)
            if result < 0:
                sys.exit(os.strerror(ctypes.get_errno()))
            return result, buffer.raw
        cgroup = os.open(sys.argv[2], os.O_RDONLY)
        DEVICE = 6
        if sys.argv[1] == 'attach':
            code = ctypes.create_string_buffer(struct.pack('<BBhiBBhi', 0xb7, 0, 0, 1, 0x95, 0, 0, 0))
            license = ctypes.create_string_buffer(b'GPL')
            program, _ = bpf(5, struct.pack('<IIQQ', 15, 2, ctypes.addressof(code), ctypes.addressof(license)))
            bpf(8, struct.pack('<IIII', cgroup, program, DEVICE, int(sys.argv[3])))
        else:
            ids = (ctypes.c_uint32 * 64)()
            _, answer = bpf(16, struct.pack('<IIIIQI', cgroup, DEVICE, 0, 0, ctypes.addressof(ids), 64))
            for i in range(struct.unpack_from('<I', answer, 24)[0]):
                program, _ = bpf(13, struct.pack('<I', ids[i]))
                info = ctypes.create_string_buffer(128)
                bpf(15, struct.pack('<IIQ', program, 128, ctypes.addressof(info)))
                print(ids[i], info.raw[8:16].hex(), info.raw[64:80].split(b'\0')[0].decode())
        """;

    /// <summary>What is attached to the cgroup itself, by <c>BPF_PROG_QUERY</c>.</summary>
    public static IReadOnlyList<Attached> Programs(string cgroup) =>
    [
        .. Command.Run("python3", ["-c", Script, "show", cgroup]).Succeeded().Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static l => l.Split(' '))
            .Select(static f => new Attached(uint.Parse(f[0], CultureInfo.InvariantCulture), f[1], f[2])),
    ];

    /// <summary>Attaches a program that allows everything, as a stranger would.</summary>
    /// <param name="flags"><see cref="Alone"/>, <see cref="AllowOverride"/> or <see cref="AllowMulti"/>.</param>
    public static void Attach(string cgroup, int flags) =>
        Command.Run("python3", ["-c", Script, "attach", cgroup, flags.ToString(CultureInfo.InvariantCulture)]).Succeeded();
}
