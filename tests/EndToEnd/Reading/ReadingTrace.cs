using System.Globalization;
using System.Text.RegularExpressions;

namespace Provision.EndToEnd.Reading;

/// <summary>
/// Every system call of every thread of a run, seen by strace, and what of it changes anything: by a list of its own,
/// from the manual pages, that knows nothing of the filter that the program wears.
/// </summary>
internal sealed partial class ReadingTrace
{
    // Beyond what SystemCall.Mutates knows.
    private static readonly HashSet<string> Changing =
    [
        "fallocate", "utime", "utimes", "futimesat", "utimensat", "file_setattr", "copy_file_range", "sendfile", "splice", "tee", "vmsplice",
        "fsopen", "fsconfig", "fspick", "open_tree_attr", "setpriority", "sched_setaffinity", "sched_setattr", "sched_setscheduler", "ioprio_set",
        "ptrace", "process_vm_writev", "process_madvise", "process_mrelease", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_getfd",
        "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "setdomainname", "settimeofday",
        "clock_settime", "clock_adjtime", "adjtimex", "syslog", "vhangup", "iopl", "ioperm", "keyctl", "add_key", "request_key",
        "io_uring_setup", "io_uring_enter", "perf_event_open", "fanotify_init", "fanotify_mark", "userfaultfd",
        "mq_open", "mq_unlink", "shmget", "shmctl", "semget", "msgget", "connect", "listen", "fork", "vfork", "setsid", "umask", "chdir",
    ];

    private ReadingTrace(IReadOnlyList<SystemCall> calls) => Calls = calls;

    public IReadOnlyList<SystemCall> Calls { get; }

    /// <summary>A run that must end with 0.</summary>
    public static ReadingTrace Of(Lab lab, params string[] arguments)
    {
        var trace = Path.Combine(lab.Directory.Path, $"trace-{Guid.NewGuid():n}");
        lab.RunUnder("strace", ["-f", "-qq", "-y", "-s", "64", "-e", "abbrev=none", "-e", "signal=none", "-o", trace], arguments).Exited(0);
        var calls = SystemCall.Parse(File.ReadLines(trace)).ToList();
        Assert.Equal("execve", calls[0].Name);
        return new ReadingTrace(calls.Skip(1).ToList());
    }

    /// <summary>From the start of the program to its end, runtime and C library included.</summary>
    public IReadOnlyList<SystemCall> Changes => [.. Calls.Where(IsChange)];

    /// <summary>The call that loaded the filter on all threads, and worked.</summary>
    public int LoadedAt =>
        Calls.Select(static (c, at) => (c, at)).Single(static p => p.c is { Name: "seccomp", Result: "0" } && p.c.Arguments.Contains("SECCOMP_FILTER_FLAG_TSYNC", StringComparison.Ordinal)).at;

    private static bool IsChange(SystemCall call) => call.Name switch
    {
        _ when call.IsQuestion => false,
        // Into a namespace to look around there, on a thread that ends in it.
        "setns" => !OwnLook().IsMatch(call.Arguments),
        // rtnetlink(7): types come in fours, NEW, DEL, GET, SET; strace names them only in its own network namespace.
        "sendto" or "sendmsg" or "sendmmsg" => !Message().Matches(call.Arguments).Select(static m => m.Groups["type"].Value).All(IsGet) || !Message().IsMatch(call.Arguments),
        _ when call.Mutates || Changing.Contains(call.Name) => true,
        "write" or "writev" or "pwrite64" or "pwritev" or "ftruncate" => !ToOutput().IsMatch(call.Arguments),
        "clone" or "clone3" => !call.Arguments.Contains("CLONE_THREAD", StringComparison.Ordinal) || call.Arguments.Contains("CLONE_NEW", StringComparison.Ordinal),
        "socket" => !call.Arguments.StartsWith("AF_NETLINK,", StringComparison.Ordinal) || !call.Arguments.EndsWith("NETLINK_ROUTE", StringComparison.Ordinal),
        "prlimit64" => !call.Arguments.Contains(", NULL, ", StringComparison.Ordinal),
        "ioctl" => !Question().IsMatch(call.Arguments),
        "flock" => call.Arguments.Contains("LOCK_EX", StringComparison.Ordinal),
        "fcntl" => Setting().IsMatch(call.Arguments),
        "madvise" => call.Arguments.Contains("MADV_REMOVE", StringComparison.Ordinal) || call.Arguments.Contains("POISON", StringComparison.Ordinal),
        _ => false,
    };

    private static bool IsGet(string type) =>
        type.StartsWith("RTM_GET", StringComparison.Ordinal) ||
        (type.StartsWith("0x", StringComparison.Ordinal) && int.Parse(type[2..], NumberStyles.HexNumber) is >= 16 and var number && number % 4 == 2);

    [GeneratedRegex(@"nlmsg_type=(?<type>\w+)")]
    private static partial Regex Message();

    [GeneratedRegex(@", CLONE_NEW(NET|UTS)$")]
    private static partial Regex OwnLook();

    [GeneratedRegex(@"^[12]<")]
    private static partial Regex ToOutput();

    [GeneratedRegex(@", (TCGETS2?|TIOCGWINSZ|FIONREAD)\b")]
    private static partial Regex Question();

    [GeneratedRegex(@", F_(SETLEASE|ADD_SEALS|SETFL|SETLKW?|OFD_SETLKW?|SETOWN|SETSIG|NOTIFY|SETPIPE_SZ)\b")]
    private static partial Regex Setting();
}
