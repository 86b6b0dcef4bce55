namespace Provision.Testing;

/// <summary>The cgroup hierarchies of this machine, read from mountinfo by the tests themselves.</summary>
public static class Hierarchies
{
    /// <summary>Mount points of every cgroup v1 and v2 hierarchy.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Mounts().Select(static m => m.Point)];

    /// <summary>The v2 hierarchy's mount point; null where there is none.</summary>
    public static string? Unified { get; } = Mounts().FirstOrDefault(static m => m.Type == "cgroup2").Point;

    /// <summary>The mount point of a v1 controller; null where it is not mounted as v1.</summary>
    public static string? V1(string controller) =>
        Mounts().FirstOrDefault(m => m.Type == "cgroup" && m.Options.Split(',').Contains(controller)).Point;

    // 35 24 0:30 / /sys/fs/cgroup/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu
    private static IEnumerable<(string Point, string Type, string Options)> Mounts()
    {
        foreach (var line in File.ReadLines("/proc/self/mountinfo"))
        {
            var fields = line.Split(' ');
            var dash = Array.IndexOf(fields, "-");
            if (fields[3] == "/" && fields[dash + 1] is "cgroup" or "cgroup2")
                yield return (fields[4], fields[dash + 1], fields[dash + 3]);
        }
    }
}
