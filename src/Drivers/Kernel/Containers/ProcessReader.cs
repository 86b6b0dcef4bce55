using System.Collections.Immutable;
using System.Globalization;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Supervise;

namespace Provision.Kernel.Containers;

/// <summary>Reads what /proc tells of a process. Whatever vanishes on the way makes the whole absent.</summary>
internal static class ProcessReader
{
    private static readonly string[] Kinds = ["cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"];

    // Where nothing labels this process, nothing labels others: a file or two less to read of each.
    private static readonly Lazy<(bool Selinux, bool AppArmor)> Labelled = new(static () =>
        (SecurityReader.Label(Environment.ProcessId, "current") is not null, SecurityReader.Label(Environment.ProcessId, "apparmor/current") is not null));

    // The names of proc_pid_limits(5), in the order of RLIMIT_*.
    private static readonly ImmutableArray<string> LimitNames =
    [
        "Max cpu time", "Max file size", "Max data size", "Max stack size", "Max core file size", "Max resident set",
        "Max processes", "Max open files", "Max locked memory", "Max address space", "Max file locks", "Max pending signals",
        "Max msgqueue size", "Max nice priority", "Max realtime priority", "Max realtime timeout",
    ];

    /// <summary>
    /// Null when no process with this pid started then, or it is a zombie. Without the host name, which takes a thread
    /// of its own: many are read at once.
    /// </summary>
    public static ProcessFacts? Read(int pid, ulong startTime)
    {
        if (ProcStat.Read(pid) is not { IsZombie: false } stat || stat.StartTime != startTime || StatusFile.Read(pid) is not { } status)
            return null;
        var limits = Text(pid, "limits");
        var score = Text(pid, "oom_score_adj");
        var namespaces = Namespaces(pid.ToString(CultureInfo.InvariantCulture));
        if (limits is null || score is null || namespaces.Count == 0)
            return null;
        var facts = new ProcessFacts(pid, startTime)
        {
            Rlimits = ParseLimits(limits),
            OomScoreAdj = int.Parse(score, CultureInfo.InvariantCulture),
            Namespaces = namespaces,
            CapBounding = status.CapBounding,
            CapPermitted = status.CapPermitted,
            CapEffective = status.CapEffective,
            CapInheritable = status.CapInheritable,
            CapAmbient = status.CapAmbient,
            NoNewPrivileges = status.NoNewPrivileges,
            SeccompMode = status.SeccompMode,
            SeccompFilters = status.SeccompFilters,
            SelinuxLabel = Labelled.Value.Selinux ? SecurityReader.Label(pid, "current") : null,
            AppArmorProfile = Labelled.Value.AppArmor ? SecurityReader.Label(pid, "apparmor/current")?.Split(" (")[0] : null,
            Hostname = "",
        };
        // Still the same: nothing of this came from a successor with its pid.
        return ProcStat.Read(pid)?.StartTime == startTime ? facts : null;
    }

    /// <summary>Whether this is that process still, with its namespaces: an ending one gives them up before it is a zombie.</summary>
    public static bool Lives(int pid, ulong startTime) =>
        Inode(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/net")) is not null
        && ProcStat.Read(pid) is { IsZombie: false } stat && stat.StartTime == startTime;

    /// <summary>Inode numbers of a process's namespaces by kind; empty when it is gone.</summary>
    /// <param name="pid">A pid, or <c>self</c>.</param>
    public static ImmutableSortedDictionary<string, ulong> Namespaces(string pid)
    {
        var inodes = ImmutableSortedDictionary.CreateBuilder<string, ulong>(StringComparer.Ordinal);
        foreach (var kind in Kinds)
            if (Inode($"/proc/{pid}/ns/{kind}") is { } inode)
                inodes.Add(kind, inode);
        return inodes.ToImmutable();
    }

    /// <summary>Inode number of a process's network namespace; null when it is gone.</summary>
    /// <param name="pid">A pid, or <c>self</c>.</param>
    public static ulong? NetworkOf(string pid) => Inode($"/proc/{pid}/ns/net");

    /// <summary>Of a process; null when it is gone.</summary>
    public static ImmutableSortedDictionary<RlimitResource, (ulong Soft, ulong Hard)>? Limits(int pid) =>
        Text(pid, "limits") is { } text ? ParseLimits(text) : null;

    /// <summary>/proc/PID/limits; what is unlimited is <see cref="RlimitSpec.Infinity"/>.</summary>
    internal static ImmutableSortedDictionary<RlimitResource, (ulong Soft, ulong Hard)> ParseLimits(string text)
    {
        var limits = ImmutableSortedDictionary.CreateBuilder<RlimitResource, (ulong, ulong)>();
        foreach (var line in text.AsSpan().EnumerateLines())
            for (var i = 0; i < LimitNames.Length; i++)
                if (line.StartsWith(LimitNames[i], StringComparison.Ordinal) && line[LimitNames[i].Length..] is [' ', ..] rest
                    && Limit(NextWord(ref rest)) is { } low && Limit(NextWord(ref rest)) is { } high)
                    limits[(RlimitResource)i] = (low, high);
        return limits.ToImmutable();
    }

    private static ReadOnlySpan<char> NextWord(ref ReadOnlySpan<char> text)
    {
        text = text.TrimStart(' ');
        var end = text.IndexOf(' ');
        var word = end < 0 ? text : text[..end];
        text = text[word.Length..];
        return word;
    }

    private static ulong? Limit(ReadOnlySpan<char> text) =>
        text is "unlimited" ? RlimitSpec.Infinity : ulong.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value : null;

    // net:[4026531840]
    private static ulong? Inode(string link)
    {
        var target = Sys.ReadLink(link).AsSpan();
        var bracket = target.IndexOf('[');
        return bracket >= 0 && target[^1] == ']' && ulong.TryParse(target[(bracket + 1)..^1], CultureInfo.InvariantCulture, out var inode) ? inode : null;
    }

    private static string? Text(int pid, string file)
    {
        var (opened, _) = Sys.Open(Libc.AT_FDCWD, string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/{file}"), Libc.O_RDONLY);
        if (opened is null)
            return null;
        using (opened)
            return Sys.ReadAll(opened).Text;
    }
}
