using System.Text.RegularExpressions;

namespace Provision.EndToEnd;

/// <summary>
/// Everything that a lab's instance has on the host, by other eyes than Provision's: cgroups, links, mounts, network
/// namespaces, processes, files and pipes of its directories, what its supervisor holds open, device programs. What is
/// compared is names and counts, no pids: two listings of the same declared state are equal, however it was reached.
/// </summary>
internal static partial class Leaks
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static IReadOnlyList<string> Of(Lab lab)
    {
        var processes = InstanceProcess.All(lab);
        var cgroups = lab.Instance.CgroupDirectories();
        return
        [
            .. cgroups.Select(static c => $"cgroup {c}"),
            .. lab.Links().Select(static l => $"link {l}"),
            .. Mounts(lab).Select(static m => $"mount {m}"),
            .. Files(lab),
            .. processes.Select(static p => $"process {p.What}").Order(StringComparer.Ordinal),
            .. processes.Where(static p => p.What.Contains(" supervise ", StringComparison.Ordinal)).SelectMany(static p => p.Open())
                // Opened with the first line that is written.
                .Where(f => !f.StartsWith($"{lab.Instance.StateDirectory}/logs/", StringComparison.Ordinal))
                .GroupBy(static f => Digits().Replace(f, "N")).Select(static g => $"open {g.Key}: {g.Count()}").Order(StringComparer.Ordinal),
            $"network namespaces {processes.SelectMany(static p => p.Networks()).Distinct().Count(n => n != Network(lab))}",
            .. DevicePrograms.Attached(cgroups).Select(static p => $"device programs of {p}"),
        ];
    }

    /// <summary>Fails unless that is what there is, as soon as everything that is under way has come to its end.</summary>
    public static void AssertOnly(Lab lab, IReadOnlyList<string> expected, string after)
    {
        IReadOnlyList<string> now = [];
        SpinWait.SpinUntil(() =>
        {
            Thread.Sleep(20);
            return (now = Of(lab)).SequenceEqual(expected);
        }, Patience);
        var (lacks, leaks) = (Lacking(expected, now), Lacking(now, expected));
        Assert.True(lacks.Count + leaks.Count == 0, $"after {after}:\nleaks:\n{string.Join('\n', leaks)}\nlacks:\n{string.Join('\n', lacks)}");
    }

    private static List<string> Lacking(IReadOnlyList<string> all, IReadOnlyList<string> among)
    {
        var left = all.ToList();
        foreach (var line in among)
            left.Remove(line);
        return left;
    }

    // Of the host's mounts those that have to do with the lab; its containers' own are in namespaces of theirs.
    private static IEnumerable<string> Mounts(Lab lab) => File.ReadLines("/proc/self/mountinfo")
        .Where(l => l.Contains(lab.Instance.Name, StringComparison.Ordinal) || l.Contains(lab.Directory.Path, StringComparison.Ordinal))
        .Select(static l => l[l.IndexOf('/', StringComparison.Ordinal)..]);

    private static IEnumerable<string> Files(Lab lab) =>
        new[] { lab.Instance.RunDirectory, lab.Instance.StateDirectory }
            .SelectMany(static d => Command.Run("find", [d, "-printf", "%y %p\n"]).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            .Order(StringComparer.Ordinal);

    private static string Network(Lab lab) =>
        $"net:[{Command.Run("stat", ["-L", "-c", "%i", lab.Netns.Path]).Succeeded().Out.Trim()}]";

    [GeneratedRegex(@"\d+")]
    private static partial Regex Digits();
}
