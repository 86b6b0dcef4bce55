using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using Provision.Reconciler;

namespace Provision.Kernel;

/// <summary>bpf(2) for device programs of v2 cgroups: load, attach, replace, detach, query, read back.</summary>
internal static unsafe class BpfDevices
{
    /// <summary>The name that our programs carry in the kernel.</summary>
    public const string ProgramName = "provision_dev";

    private const int ProgLoad = 5, ProgAttach = 8, ProgDetach = 9, GetFdById = 13, GetInfoByFd = 15, ProgQuery = 16;
    private const uint TypeCgroupDevice = 15, AttachCgroupDevice = 6, AllowMulti = 2, Replace = 4;
    private const int ProgramsMax = 64;

    // Linux 6.17 and later write into the attribute whatever size was passed: always pass a whole one. The
    // kernel accepts a larger one than its own when the rest is zero.
    private const int AttributeSize = 256;

    private static readonly long Number = Libc.IsArm64 ? 280 : 321;

    /// <summary>Makes the cgroup have exactly one program, with these rules. Null, or why the kernel refused.</summary>
    public static KernelError? Attach(Fd cgroup, string path, IReadOnlyList<DeviceRule> allow)
    {
        var (attached, flags, errno) = Ids(cgroup);
        if (errno != 0)
            return new KernelError("BPF_PROG_QUERY", path, null, errno);
        var (program, loadErrno, log) = Load(DeviceProgram.Compile(allow));
        if (program is null)
            return new KernelError("BPF_PROG_LOAD", path, $"{allow.Count} device rules", loadErrno, log);
        using (program)
        {
            errno = attached.Length == 0 ? Attach(cgroup, program, AllowMulti)
                : (flags & AllowMulti) == 0 ? TakePlace(cgroup, program, attached[0], flags)
                : ReplaceById(cgroup, program, attached[0]);
            if (errno != 0)
                return new KernelError("BPF_PROG_ATTACH", path, $"{allow.Count} device rules", errno, errno == Errno.EPERM
                    ? "a program attached above without BPF_F_ALLOW_MULTI bars programs below it" : null);
        }

        return DetachAll(cgroup, path, attached.Skip(1));
    }

    /// <summary>Takes every device program off.</summary>
    public static KernelError? Detach(Fd cgroup, string path)
    {
        var (attached, _, errno) = Ids(cgroup);
        return errno != 0 ? new KernelError("BPF_PROG_QUERY", path, null, errno) : DetachAll(cgroup, path, attached);
    }

    /// <summary>The programs attached to this cgroup itself, with what ours allow.</summary>
    public static ImmutableArray<DeviceProgramInfo> Query(Fd cgroup, string path)
    {
        var (ids, _, errno) = Ids(cgroup);
        // EINVAL: a kernel without CONFIG_CGROUP_BPF has no programs to show.
        if (errno == Errno.EINVAL)
            return [];
        if (errno != 0)
            throw Sys.Failure("BPF_PROG_QUERY", path, errno);
        var found = ImmutableArray.CreateBuilder<DeviceProgramInfo>(ids.Length);
        foreach (var id in ids)
            found.Add(Info(id, path));
        return found.MoveToImmutable();
    }

    private static (uint[] Ids, uint Flags, int Errno) Ids(Fd cgroup)
    {
        var ids = stackalloc uint[ProgramsMax];
        var attribute = stackalloc byte[AttributeSize];
        Clear(attribute);
        *(int*)attribute = cgroup.Number;
        *(uint*)(attribute + 4) = AttachCgroupDevice;
        *(ulong*)(attribute + 16) = (ulong)ids;
        *(uint*)(attribute + 24) = ProgramsMax;
        var errno = Call(ProgQuery, attribute).Errno;
        return errno == 0 ? (new ReadOnlySpan<uint>(ids, (int)*(uint*)(attribute + 24)).ToArray(), *(uint*)(attribute + 12), 0) : ([], 0, errno);
    }

    private static (Fd? Program, int Errno, string? Log) Load(ImmutableArray<BpfInstruction> code)
    {
        const int logSize = 4096;
        var log = stackalloc byte[logSize];
        var attribute = stackalloc byte[AttributeSize];
        Clear(attribute);
        log[0] = 0;
        fixed (BpfInstruction* start = code.AsSpan())
        fixed (byte* license = "GPL\0"u8)
        {
            *(uint*)attribute = TypeCgroupDevice;
            *(uint*)(attribute + 4) = (uint)code.Length;
            *(ulong*)(attribute + 8) = (ulong)start;
            *(ulong*)(attribute + 16) = (ulong)license;
            Encoding.ASCII.GetBytes(ProgramName, new Span<byte>(attribute + 48, 16));
            var (fd, errno) = Call(ProgLoad, attribute);
            if (fd >= 0)
                return (new Fd(fd), 0, null);
            // Once more with the verifier's log, which is worth its price only after a refusal.
            *(uint*)(attribute + 24) = 1;
            *(uint*)(attribute + 28) = logSize;
            *(ulong*)(attribute + 32) = (ulong)log;
            (fd, var again) = Call(ProgLoad, attribute);
            if (fd >= 0)
                return (new Fd(fd), 0, null);
            var text = Marshal.PtrToStringUTF8((nint)log)?.Trim();
            return (null, again == 0 ? errno : again, string.IsNullOrEmpty(text) ? null : text);
        }
    }

    private static int ReplaceById(Fd cgroup, Fd program, uint old)
    {
        var (oldProgram, errno) = Open(old);
        if (oldProgram is null)
            return errno;
        using (oldProgram)
            return Attach(cgroup, program, AllowMulti | Replace, oldProgram);
    }

    // A program attached alone (no BPF_F_ALLOW_MULTI) bars every other attachment with EPERM until it is off.
    private static int TakePlace(Fd cgroup, Fd program, uint old, uint flags)
    {
        var (oldProgram, errno) = Open(old);
        if (oldProgram is null)
            return errno;
        using (oldProgram)
        {
            errno = Detach(cgroup, oldProgram);
            if (errno != 0)
                return errno;
            errno = Attach(cgroup, program, AllowMulti);
            // An operation that failed has changed nothing.
            if (errno != 0)
                Attach(cgroup, oldProgram, flags);
            return errno;
        }
    }

    private static int Attach(Fd cgroup, Fd program, uint flags, Fd? replaced = null)
    {
        var attribute = stackalloc byte[AttributeSize];
        Clear(attribute);
        *(int*)attribute = cgroup.Number;
        *(int*)(attribute + 4) = program.Number;
        *(uint*)(attribute + 8) = AttachCgroupDevice;
        *(uint*)(attribute + 12) = flags;
        *(int*)(attribute + 16) = replaced?.Number ?? 0;
        return Call(ProgAttach, attribute).Errno;
    }

    private static KernelError? DetachAll(Fd cgroup, string path, IEnumerable<uint> ids)
    {
        foreach (var id in ids)
        {
            var (program, errno) = Open(id);
            if (program is null)
                return new KernelError("BPF_PROG_GET_FD_BY_ID", path, $"{id}", errno);
            using (program)
                errno = Detach(cgroup, program);
            if (errno != 0)
                return new KernelError("BPF_PROG_DETACH", path, $"program {id}", errno);
        }

        return null;
    }

    private static int Detach(Fd cgroup, Fd program)
    {
        var attribute = stackalloc byte[AttributeSize];
        Clear(attribute);
        *(int*)attribute = cgroup.Number;
        *(int*)(attribute + 4) = program.Number;
        *(uint*)(attribute + 8) = AttachCgroupDevice;
        return Call(ProgDetach, attribute).Errno;
    }

    private static (Fd? Program, int Errno) Open(uint id)
    {
        var attribute = stackalloc byte[AttributeSize];
        Clear(attribute);
        *(uint*)attribute = id;
        var (fd, errno) = Call(GetFdById, attribute);
        return fd >= 0 ? (new Fd(fd), 0) : (null, errno);
    }

    private static DeviceProgramInfo Info(uint id, string path)
    {
        const int infoSize = 128, instructionsMax = 4096;
        var (program, errno) = Open(id);
        if (program is null)
            throw Sys.Failure("BPF_PROG_GET_FD_BY_ID", path, errno, $"{id}");
        using (program)
        {
            var code = new BpfInstruction[instructionsMax];
            var info = stackalloc byte[infoSize];
            var attribute = stackalloc byte[AttributeSize];
            new Span<byte>(info, infoSize).Clear();
            Clear(attribute);
            fixed (BpfInstruction* start = code)
            {
                *(uint*)(info + 20) = instructionsMax * (uint)sizeof(BpfInstruction);
                *(ulong*)(info + 32) = (ulong)start;
                *(int*)attribute = program.Number;
                *(uint*)(attribute + 4) = infoSize;
                *(ulong*)(attribute + 8) = (ulong)info;
                errno = Call(GetInfoByFd, attribute).Errno;
            }

            if (errno != 0)
                throw Sys.Failure("BPF_OBJ_GET_INFO_BY_FD", path, errno, $"{id}");
            var name = Marshal.PtrToStringUTF8((nint)(info + 64)) ?? "";
            var tag = Convert.ToHexStringLower(new ReadOnlySpan<byte>(info + 8, 8));
            var length = Math.Min(*(uint*)(info + 20) / sizeof(BpfInstruction), instructionsMax);
            return new DeviceProgramInfo(id, name, tag, DeviceProgram.Decompile([.. code.AsSpan(0, (int)length)]));
        }
    }

    private static (int Result, int Errno) Call(int command, byte* attribute)
    {
        while (true)
        {
            var result = Libc.bpf(Number, command, attribute, AttributeSize);
            if (result >= 0)
                return ((int)result, 0);
            // EAGAIN: the verifier was interrupted by a signal.
            if (Sys.LastError is not (Errno.EINTR or Errno.EAGAIN))
                return (-1, Sys.LastError);
        }
    }

    private static void Clear(byte* attribute) => new Span<byte>(attribute, AttributeSize).Clear();
}
