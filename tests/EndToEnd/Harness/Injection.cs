using System.Text.RegularExpressions;

namespace Provision.EndToEnd;

/// <summary>A system call of a run, by its name and its place among the calls of that name in its thread, from 1.</summary>
internal sealed record CallSite(string Name, int Place)
{
    public override string ToString() => $"{Name} {Place}";
}

/// <summary>
/// Faults at chosen system calls of a run of the program, put there by strace(1): an error instead of the call,
/// a signal at it, or time before it.
/// </summary>
internal static partial class Injection
{
    private const string Watched = "mkdirat,unlinkat,renameat,fsetxattr,fremovexattr,write,sendto";

    /// <summary>The calls by which the main thread of this run changed cgroups, links or Provision's own files, in order.</summary>
    public static IReadOnlyList<CallSite> Changes(Lab lab, params string[] arguments)
    {
        var trace = Path.Combine(lab.Directory.Path, $"trace-{Guid.NewGuid():n}");
        lab.RunUnder("strace", ["-f", "-qq", "-y", "-e", "signal=none", "-e", $"trace={Watched}", "-o", trace], arguments).Exited(0);
        var sites = new List<CallSite>();
        var places = new Dictionary<string, int>();
        string? main = null;
        foreach (var match in File.ReadLines(trace).Select(static l => Line().Match(l)).Where(static m => m.Success))
        {
            main ??= match.Groups["pid"].Value;
            if (match.Groups["pid"].Value != main)
                continue;
            var name = match.Groups["name"].Value;
            places[name] = places.GetValueOrDefault(name) + 1;
            if (name is not ("write" or "sendto") || Change().IsMatch(match.Groups["rest"].Value))
                sites.Add(new CallSite(name, places[name]));
        }

        return sites;
    }

    /// <summary>Runs with a fault (<c>signal=KILL</c>, <c>error=EBUSY</c>, <c>delay_enter=2s</c>) at one call.</summary>
    public static CommandResult RunWithFault(this Lab lab, CallSite at, string fault, params string[] arguments) =>
        lab.RunWithFault(at.Name, fault, at.Place.ToString(), arguments);

    /// <param name="when">strace's count: <c>3</c> the third, <c>3+</c> from the third on, <c>1..4</c> the first four.</param>
    public static CommandResult RunWithFault(this Lab lab, string call, string fault, string when, string[] arguments) =>
        lab.RunUnder("strace", Words(call, fault, when), arguments);

    /// <summary>strace's words for a fault. Not with --seccomp-bpf: strace 6.1 then injects nothing.</summary>
    public static string[] Words(string call, string fault, string when) => Words(call, call, fault, when);

    /// <param name="traced">Every call that has a fault, this one and others.</param>
    public static string[] Words(string traced, string call, string fault, string when) =>
        ["-f", "-qq", "-e", "signal=none", "-e", $"trace={traced}", "-e", $"inject={call}:{fault}:when={when}", "-o", "/dev/null"];

    [GeneratedRegex(@"^(?<pid>\d+) +(?<name>\w+)\((?<rest>.*)$")]
    private static partial Regex Line();

    [GeneratedRegex(@"^\d+</(sys/fs/cgroup|run/provision|var/lib/provision)/|nlmsg_type=RTM_(NEW|DEL|SET)")]
    private static partial Regex Change();
}
