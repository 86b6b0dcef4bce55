using System.Text.RegularExpressions;

namespace Provision.EndToEnd;

/// <summary>
/// All that a lab's kernel objects show, by other eyes than Provision's: links and addresses by ip(8), cgroups by their
/// files and marks. Two pictures are equal when nothing was changed, or everything taken back.
/// </summary>
internal static partial class Picture
{
    // Counters, which move by themselves, and what the cgroup above offers, which is no state of the lab's.
    private static readonly string[] Counting = ["cgroup.controllers", "cpuacct.", "stat", "usage", "memory.kmem", "blkio.bfq.io", "blkio.throttle.io", "pressure", "memory.failcnt", "memory.memsw.failcnt", "memory.current", "memory.peak"];

    private const string ReadMarks =
        "import os,sys\nfor d in sys.argv[1:]: print(d, {n: os.getxattr(d, n) for n in sorted(os.listxattr(d))})";

    public static string Of(Lab lab)
    {
        var directories = lab.Instance.CgroupDirectories();
        var marks = Command.Run("python3", ["-c", ReadMarks, .. directories]).Succeeded().Out;
        return string.Join('\n', [Links(lab), marks, .. directories.Select(Cgroup)]);
    }

    private static string Links(Lab lab) => Volatile().Replace(lab.Netns.Ip("-d link show") + lab.Netns.Ip("address show"), "");

    private static string Cgroup(string directory)
    {
        // On cgroup v2 the files of the instance's root come and go with what others enable in the hierarchy's.
        var bare = Path.GetFileName(directory).StartsWith("provision-", StringComparison.Ordinal) && File.Exists($"{directory}/cgroup.controllers");
        var values = Directory.EnumerateFiles(directory)
            .Where(f => !Array.Exists(Counting, Path.GetFileName(f).Contains) && (!bare || Path.GetFileName(f).StartsWith("cgroup.", StringComparison.Ordinal)))
            .Order(StringComparer.Ordinal)
            .Select(static f => $"{Path.GetFileName(f)}: {Read(f)}");
        return $"{directory}\n{string.Join('\n', values)}";
    }

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "(not readable)"; // event files and those that are written only
        }
    }

    // Timers of a bridge run on; a link that was made again has another index and a random MAC; the kernel tells of the
    // carrier, and gives and takes the address that comes with it, some time after the change that brought it.
    [GeneratedRegex(@"NO-CARRIER,|,LOWER_UP|\bstate \S+|inet6 fe80:[^\n]*\n[^\n]*\n|\w+_timer +\S+|valid_lft \S+|preferred_lft \S+|tentative|qdisc \S+|topology_change_detected \d+|topology_change \d+")]
    private static partial Regex Volatile();
}
