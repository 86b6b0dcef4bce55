using Provision.Kernel.Seccomp;

namespace Provision.Kernel.Tests.Reading;

/// <summary>Calls that the reading filter decides by their arguments.</summary>
public sealed class ArgumentTests
{
    private const ulong Here = unchecked((ulong)-100), Pid = 27540, Ways = 0x7f00_1234_5000, From = 0x5555_0000_1230, To = 0x5555_0000_4560;
    private const ulong High = 1UL << 32; // a bit that the kernel cuts off an int

    public static readonly TheoryData<string, ulong[]> Reading = new()
    {
        { "openat", [Here, 1, 0] }, // O_RDONLY
        { "openat", [Here, 1, 0x80000] }, // O_CLOEXEC
        { "openat", [Here, 1, 0x290000] }, // O_PATH, O_DIRECTORY, O_CLOEXEC
        { "openat", [Here, 1, 0x90800] }, // O_NONBLOCK, O_DIRECTORY, O_CLOEXEC
        { "openat2", [3, 1, Ways] },
        { "openat2", [3, 1, Ways + 0x3E0] },
        { "renameat", [Here, From, Here, To] },
        { "unlinkat", [Here, From, 0] },
        { "kill", [Pid, 6] },
        { "tgkill", [Pid, Pid + 1, 35] },
        { "tgkill", [Pid | High, Pid + 1, 35] },
        { "clone", [0x3d0f00] }, // as C libraries start threads
        { "setns", [3, 0x40000000] },
        { "setns", [3, 0x04000000] },
        { "socket", [16, 0x80003, 0] },
        { "sendto", [3, 1, 2, 0, 0, 0] },
        { "bpf", [13] },
        { "bpf", [15] },
        { "bpf", [16] },
        { "ioctl", [1, 0x5401] },
        { "flock", [3, 5] },
        { "fcntl", [3, 1030, 0] },
        { "madvise", [0x1000, 1, 4] },
        { "prctl", [15] },
        { "prlimit64", [0, 7, 0, 0x1000] },
        { "sched_setaffinity", [0, 8, 0x1000] },
    };

    [Theory]
    [MemberData(nameof(Reading))]
    public void Call_ThatReads_IsLetThrough(string call, ulong[] arguments) => AssertVerdict("ALLOW", call, arguments);

    public static readonly TheoryData<string, ulong[]> Refused = new()
    {
        { "openat", [Here, 1, 1] }, // O_WRONLY
        { "openat", [Here, 1, 2] }, // O_RDWR
        { "openat", [Here, 1, 3] }, // no access mode, and yet both
        { "openat", [Here, 1, 0x40] }, // O_CREAT
        { "openat", [Here, 1, 0x200] }, // O_TRUNC, which cuts even a file opened for reading
        { "openat", [Here, 1, 0x400] }, // O_APPEND
        { "openat", [Here, 1, 0x410000] }, // O_TMPFILE
        { "openat", [Here, 1, 1 | High] },
        { "openat", [Here, 1, 0xfffffffe] },
        { "renameat", [Here, From, Here, From] },
        { "renameat", [Here, To, Here, From] },
        { "renameat", [Here, From + High, Here, To] },
        { "renameat", [3, From, Here, To] },
        { "renameat", [Here, From, 3, To] },
        { "unlinkat", [Here, To, 0] },
        { "unlinkat", [Here, From, 0x200] }, // AT_REMOVEDIR
        { "unlinkat", [3, From, 0] },
        { "kill", [1, 9] },
        { "kill", [0, 9] }, // its process group
        { "kill", [ulong.MaxValue, 9] }, // everybody
        { "kill", [0xffffffff_ffff946c, 9] },
        { "tgkill", [1, 1, 9] },
        { "clone", [0x11] }, // a fork
        { "clone", [0x20011] },
        { "clone", [0x3d0f00 | 0x10000000] },
        { "clone", [0x40000011] },
        { "setns", [3, 0] },
        { "setns", [3, 0x20000] },
        { "setns", [3, 0x10000000] },
        { "setns", [3, 0x44000000] },
        { "bpf", [0] }, // BPF_MAP_CREATE
        { "bpf", [5] }, // BPF_PROG_LOAD
        { "bpf", [8] }, // BPF_PROG_ATTACH
        { "bpf", [14] },
        { "bpf", [28] }, // BPF_LINK_CREATE
        { "bpf", [5 | High] },
        { "ioctl", [3, 0x40086602] }, // FS_IOC_SETFLAGS
        { "ioctl", [3, 0x5412] }, // TIOCSTI
        { "ioctl", [3, 0x8914] }, // SIOCSIFFLAGS
        { "ioctl", [3, 0xAE01] }, // KVM_CREATE_VM
        { "flock", [3, 2] }, // LOCK_EX
        { "flock", [3, 6] },
        { "fcntl", [3, 1024, 1] }, // F_SETLEASE
        { "fcntl", [3, 1033, 15] }, // F_ADD_SEALS
        { "fcntl", [3, 8, 1] }, // F_SETOWN
        { "madvise", [0x1000, 1, 9] },
        { "madvise", [0x1000, 1, 100] },
        { "prctl", [36] }, // PR_SET_CHILD_SUBREAPER
        { "prlimit64", [1, 7, 0x1000, 0] },
        { "sched_setaffinity", [1, 8, 0x1000] },
        { "socket", [1, 1, 0] }, // AF_UNIX
        { "socket", [2, 1, 0] }, // AF_INET
        { "socket", [17, 3, 0] }, // AF_PACKET
        { "socket", [16, 3, 12] }, // NETLINK_NETFILTER
        { "sendto", [3, 1, 2, 0, 0x1000, 12] },
        { "openat2", [3, 1, 0x1000] },
        { "openat2", [3, 1, Ways + 8] }, // the mode and the limits of one way are no way
        { "openat2", [3, 1, Ways + 0x400] },
        { "openat2", [3, 1, Ways + High] },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Call_ThatCouldChangeSomething_IsRefused(string call, ulong[] arguments)
    {
        Assert.False(Verdicts.Of(SeccompArch.X86_64, call, arguments).LetsThrough);
        Assert.False(Verdicts.Of(SeccompArch.Arm64, call, arguments).LetsThrough);
    }

    // What C libraries do without, and what a runtime may try: refused, and it goes on.
    public static readonly TheoryData<string, ulong[]> DoneWithout = new()
    {
        { "openat", [Here, 1, 2] }, // O_RDWR, as C libraries name threads
        { "clone3", [0x1000, 88] },
        { "clone", [0x11] },
        { "socket", [1, 1, 0] },
        { "ioctl", [3, 0xAE01] },
        { "flock", [3, 6] },
        { "prctl", [4, 0] },
        { "openat2", [3, 1, 0x1000] },
        { "tkill", [Pid, 9] },
    };

    [Theory]
    [MemberData(nameof(DoneWithout))]
    public void Call_ThatReadingDoesWithout_ReturnsEnosys(string call, ulong[] arguments) => AssertVerdict("ERRNO ENOSYS", call, arguments);

    public static readonly TheoryData<string, ulong[]> Changing = new()
    {
        { "openat", [Here, 1, 1] },
        { "openat", [Here, 1, 3] },
        { "openat", [Here, 1, 0x40] },
        { "openat", [Here, 1, 0x42] },
        { "openat", [Here, 1, 0x200] },
        { "openat", [Here, 1, 0x410002] },
        { "openat", [Here, 1, 0x241] },
        { "mkdirat", [Here, 1, 0x1ED] },
        { "unlinkat", [Here, 1, 0] },
        { "renameat", [Here, 1, Here, 2] },
        { "fsetxattr", [3, 1, 2, 3, 0] },
        { "mount", [1, 2, 3, 0, 0] },
        { "kill", [1, 9] },
        { "bpf", [5] },
        { "setns", [3, 0x20000] },
        { "unshare", [0x20000] },
        { "finit_module", [3, 1, 0] },
        { "execve", [1, 2, 3] },
        { "io_uring_setup", [1, 2] },
    };

    [Theory]
    [MemberData(nameof(Changing))]
    public void Call_ThatChangesSomething_Kills(string call, ulong[] arguments) => AssertVerdict("KILL_PROCESS", call, arguments);

    private static void AssertVerdict(string expected, string call, ulong[] arguments)
    {
        Assert.Equal(expected, Verdicts.Of(SeccompArch.X86_64, call, arguments).ToString());
        Assert.Equal(expected, Verdicts.Of(SeccompArch.Arm64, call, arguments).ToString());
    }
}
