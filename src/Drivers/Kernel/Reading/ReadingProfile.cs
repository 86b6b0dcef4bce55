using System.Collections.Immutable;
using Provision.Kernel.Seccomp;
using Provision.Spec;

namespace Provision.Kernel.Reading;

/// <summary>
/// What reading commands may do (docs/READING.md), as rules of our own compiler. Nothing but what is named is let
/// through: a call that a new kernel or C library brings is refused until somebody has looked at it.
/// </summary>
internal static class ReadingProfile
{
    // open(2); all the same on x86-64 and arm64. The last is __O_TMPFILE.
    private static readonly ulong[] Writing = [Libc.O_WRONLY, Libc.O_RDWR, Libc.O_CREAT, Libc.O_TRUNC, 0x400, 0x400000];

    // clone(2): what every thread has (CLONE_VM, CLONE_SIGHAND, CLONE_THREAD), and CLONE_NEW*.
    private const ulong Thread = 0x00010900;
    private const ulong NewUts = 0x04000000, NewNet = 0x40000000;
    private static readonly ulong[] OtherNamespaces = [0x00020000, 0x02000000, 0x08000000, 0x10000000, 0x20000000];

    private const ulong Here = unchecked((uint)Libc.AT_FDCWD);

    public static SeccompProfile Of(ReadingPins pins) => new()
    {
        DefaultAction = SeccompAction.Errno(SeccompAction.ENOSYS),
        Rules =
        [
            Allow(ReadingCalls.Files),
            Allow(ReadingCalls.Output),
            Allow(ReadingCalls.Waiting),
            Allow(ReadingCalls.Memory),
            Allow(ReadingCalls.Threads),
            Allow(ReadingCalls.Facts),
            Allow(ReadingCalls.Sockets),
            Kill(ReadingCalls.Changes),
            .. Opening(pins),
            .. Renaming(pins),
            .. Signals(pins),
            .. Namespaces(),
            .. Requests(),
        ],
    };

    private static IEnumerable<SeccompRule> Opening(ReadingPins pins)
    {
        foreach (var (call, flags) in ((string, int)[])[("open", 1), ("openat", 2)])
        {
            yield return Allow(call, Masked(flags, Writing.Aggregate(static (all, bit) => all | bit), 0));
            // O_RDWR alone is refused and does not kill: C libraries give a thread its name through /proc/self/task/TID/comm.
            foreach (var bit in Writing.Where(static b => b != Libc.O_RDWR))
                yield return Kill(call, Masked(flags, bit, bit));
        }

        // Its flags lie in memory: only there where nothing is told but to read.
        yield return Allow("openat2", Masked(2, ~OpenWays.SlotBits, pins.Ways));
    }

    // The one file that is written gets its name in the end, or goes.
    private static IEnumerable<SeccompRule> Renaming(ReadingPins pins) =>
    [
        .. Only("renameat", Equal(0, Here), Equal(1, pins.OutputFrom), Equal(2, Here), Equal(3, pins.OutputTo)),
        .. Only("unlinkat", Equal(0, Here), Equal(1, pins.OutputFrom), Equal(2, 0)),
    ];

    // The runtime stops its own threads by signals, and ends itself by one. tkill has no process to compare.
    private static IEnumerable<SeccompRule> Signals(ReadingPins pins) =>
        [.. Only("kill", Equal(0, pins.Pid)), .. Only("tgkill", Equal(0, pins.Pid))];

    private static IEnumerable<SeccompRule> Namespaces() =>
    [
        // Threads; clone3 has its flags in memory, and C libraries use clone where it is not there.
        Allow("clone", Masked(0, Thread | NewUts | NewNet | OtherNamespaces.Aggregate(static (all, bit) => all | bit), Thread)),
        .. ((ulong[])[NewUts, NewNet, .. OtherNamespaces]).Select(static bit => Kill("clone", Masked(0, bit, bit))),
        // A container's links and its host name are read from inside, on a thread that ends there.
        Allow("setns", Equal(1, NewNet)),
        Allow("setns", Equal(1, NewUts)),
        .. ((ulong[])[0, .. OtherNamespaces]).Select(static kind => Kill("setns", Equal(1, kind))),
    ];

    private static IEnumerable<SeccompRule> Requests() =>
    [
        // NETLINK_ROUTE, to the kernel alone. What is said there comes from ReadRequest, which can only ask.
        Allow("socket", Equal(0, 16), Equal(2, 0)),
        Allow("sendto", Equal(4, 0)),
        .. Only("bpf", [13, 15, 16]), // BPF_PROG_GET_FD_BY_ID, BPF_OBJ_GET_INFO_BY_FD, BPF_PROG_QUERY
        // TCGETS, TIOCGWINSZ, FIONREAD, TCGETS2.
        .. Each("ioctl", Allow, 1, 0x5401, 0x5413, 0x541B, 0x802C542A),
        // They need no file opened for writing: FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR, FS_IOC_SETVERSION, FIFREEZE, FITHAW,
        // TIOCSTI, SIOCSIFFLAGS, SIOCBRADDBR, SIOCBRDELBR.
        .. Each("ioctl", Kill, 1, 0x40086602, 0x401C5820, 0x40087602, 0xC0045877, 0xC0045878, 0x5412, 0x8914, 0x89A0, 0x89A1),
        // F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC.
        .. Each("fcntl", Allow, 1, 0, 1, 2, 3, 1030),
        // LOCK_SH, alone and with LOCK_NB, LOCK_UN: an exclusive lock would keep writers waiting.
        .. Each("flock", Allow, 1, 1, 5, 8),
        // MADV_REMOVE frees a file's blocks, MADV_HWPOISON and MADV_SOFT_OFFLINE take pages from the whole host.
        Allow("madvise", Compare(2, Comparison.NotEqual, 9)),
        .. Each("madvise", Kill, 2, 9, 100, 101),
        // PR_GET_DUMPABLE, PR_SET_NAME, PR_GET_NAME, PR_GET_SECCOMP, PR_CAPBSET_READ, PR_GET_NO_NEW_PRIVS, PR_SET_VMA.
        .. Each("prctl", Allow, 0, 3, 15, 16, 21, 23, 39, 0x53564D41),
        Allow("prlimit64", Equal(2, 0)),
        Allow("sched_setaffinity", Equal(0, 0)), // the calling thread's
    ];

    /// <summary>Lets a call through when all of these hold, and kills otherwise.</summary>
    private static IEnumerable<SeccompRule> Only(string call, params ImmutableArray<ArgumentTest> tests) =>
        [Allow(call, tests), .. tests.Select(t => Kill(call, t with { Comparison = Comparison.NotEqual, Value = t.ValueTwo, ValueTwo = 0 }))];

    /// <summary>Lets a call through when its first argument is one of these, in order, and kills otherwise.</summary>
    private static IEnumerable<SeccompRule> Only(string call, ulong[] values) =>
    [
        .. Each(call, Allow, 0, values),
        Kill(call, Compare(0, Comparison.Less, values[0])),
        Kill(call, Compare(0, Comparison.Greater, values[^1])),
        .. values.Zip(values.Skip(1)).SelectMany(static p => Between(p.First, p.Second)).Select(v => Kill(call, Compare(0, Comparison.Equal, v))),
    ];

    private static IEnumerable<ulong> Between(ulong low, ulong high)
    {
        for (var value = low + 1; value < high; value++)
            yield return value;
    }

    private static IEnumerable<SeccompRule> Each(string call, Func<string, ImmutableArray<ArgumentTest>, SeccompRule> make, int index, params ulong[] values) =>
        values.Select(v => make(call, [Compare(index, Comparison.Equal, v)]));

    private static SeccompRule Allow(string names, params ImmutableArray<ArgumentTest> tests) => Rule(names, SeccompAction.Allow, tests);

    private static SeccompRule Kill(string names, params ImmutableArray<ArgumentTest> tests) => Rule(names, SeccompAction.KillProcess, tests);

    private static SeccompRule Rule(string names, SeccompAction action, ImmutableArray<ArgumentTest> tests) => new(
        [.. names.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(static n => new SyscallName(n, SourceSpan.None))],
        action, tests, RuleCondition.None, RuleCondition.None, SourceSpan.None);

    // Through a mask: one comparison where it stands, and no ranges around it that would be cut again for other pins.
    private static ArgumentTest Equal(int index, ulong value) => Masked(index, ulong.MaxValue, value);

    private static ArgumentTest Masked(int index, ulong mask, ulong value) => new(index, Comparison.MaskedEqual, mask, value, SourceSpan.None);

    private static ArgumentTest Compare(int index, Comparison comparison, ulong value) => new(index, comparison, value, 0, SourceSpan.None);
}
