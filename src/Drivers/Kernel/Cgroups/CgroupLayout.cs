using System.Collections.Immutable;

namespace Provision.Kernel;

/// <summary>One mounted tree of cgroups.</summary>
/// <param name="Name">For messages and plans: <c>unified</c>, or the v1 controllers (<c>memory</c>, <c>cpu,cpuacct</c>).</param>
/// <param name="MountPoint">Absolute path of its root.</param>
/// <param name="Unified">True for cgroup v2.</param>
/// <param name="Controllers">The controllers that live in it, by their v1 or v2 names.</param>
public sealed record CgroupHierarchy(string Name, string MountPoint, bool Unified, ImmutableArray<string> Controllers)
{
    public override string ToString() => Name;
}

/// <summary>
/// Which hierarchies this host has and where, cgroups(7). A cgroup of ours is a directory at the same path in
/// every one of them; the first, <see cref="Primary"/>, carries the marks.
/// </summary>
public sealed class CgroupLayout
{
    // Controllers with limits that a manifest can state. Hierarchies with none of these (name=systemd, cpuacct alone, and
    // freezer where v2 freezes) are somebody else's business.
    private static readonly ImmutableArray<string> Managed = ["memory", "cpu", "cpuset", "pids", "blkio", "devices", "hugetlb"];

    private const string Freezer = "freezer";

    public CgroupLayout(IEnumerable<CgroupHierarchy> hierarchies)
    {
        Hierarchies = [.. hierarchies.OrderBy(static h => h.Unified ? -1 : h.Controllers.Min(static c => Rank(c)))];
    }

    /// <summary>The hierarchies in use, the primary first: v2 where it is mounted, else v1 memory.</summary>
    public ImmutableArray<CgroupHierarchy> Hierarchies { get; }

    /// <summary>The hierarchy that carries the marks; throws when the host has no cgroups mounted.</summary>
    public CgroupHierarchy Primary => Hierarchies.IsEmpty
        ? throw new InvalidOperationException("no cgroup hierarchy is mounted")
        : Hierarchies[0];

    public CgroupHierarchy? Unified => Hierarchies.FirstOrDefault(static h => h.Unified);

    /// <summary>The hierarchy where the controller lives; null when the host does not offer it.</summary>
    public CgroupHierarchy? For(string controller) => Hierarchies.FirstOrDefault(h => h.Controllers.Contains(controller));

    /// <summary>The hierarchy of that name; null when there is none.</summary>
    public CgroupHierarchy? Named(string name) => Hierarchies.FirstOrDefault(h => h.Name == name);

    /// <summary>Every controller there is, for messages: "this host has cpu, memory, pids".</summary>
    public string ControllersText =>
        string.Join(", ", Hierarchies.SelectMany(static h => h.Controllers).Distinct().Order(StringComparer.Ordinal));

    /// <summary>The directory of an instance below each hierarchy's root.</summary>
    public static string InstanceRoot(string instance) => instance == "default" ? "provision" : $"provision-{instance}";

    /// <summary>Finds the hierarchies.</summary>
    /// <param name="mountInfo">Content of /proc/self/mountinfo.</param>
    /// <param name="unifiedControllers">Given the v2 mount point, the content of its cgroup.controllers.</param>
    public static CgroupLayout Discover(string mountInfo, Func<string, string?> unifiedControllers)
    {
        var found = new Dictionary<string, CgroupHierarchy>(StringComparer.Ordinal);
        List<Mount> mounts = [.. MountInfo.Reachable(MountInfo.Parse(mountInfo)).OrderBy(Worth)];
        var freezes = mounts.Exists(static m => m.FileSystem == "cgroup2");
        foreach (var mount in mounts)
            if (Of(mount, unifiedControllers, freezes) is { } hierarchy)
                found.TryAdd(hierarchy.Name, hierarchy);

        return new CgroupLayout(found.Values);
    }

    // The same hierarchy can be mounted again, read-only or in part, for containers: what can be written counts, then
    // the whole. In a cgroup namespace "/" is the namespace's root, and what lies above it shows as "/..".
    private static int Worth(Mount mount) =>
        (mount.ReadOnly ? 3 : 0) + (mount.Root == "/" ? 0 : mount.Root.StartsWith("/..", StringComparison.Ordinal) ? 1 : 2);

    /// <summary>Finds the hierarchies of this host.</summary>
    public static CgroupLayout Discover()
    {
        using var proc = new DirectoryReader("/proc/self", Resolve.Beneath);
        return Discover(proc.Read("mountinfo") ?? "", static mountPoint =>
        {
            using var root = new DirectoryReader(mountPoint, Resolve.Beneath);
            return root.Read("cgroup.controllers");
        });
    }

    /// <param name="freezes">Something else freezes: v2, which needs no controller for it.</param>
    private static CgroupHierarchy? Of(Mount mount, Func<string, string?> unifiedControllers, bool freezes)
    {
        switch (mount.FileSystem)
        {
            case "cgroup2":
                var offered = (unifiedControllers(mount.Path) ?? "").Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
                // Device rules on v2 are a program, not a controller, and always there.
                return new CgroupHierarchy("unified", mount.Path, true, [.. offered]);
            case "cgroup":
                ImmutableArray<string> controllers = [.. mount.SuperOptions.Where(o => Rank(o) < Managed.Length || (o == Freezer && !freezes))];
                return controllers.IsEmpty ? null : new CgroupHierarchy(string.Join(',', controllers), mount.Path, false, controllers);
            default:
                return null;
        }
    }

    private static int Rank(string controller)
    {
        var rank = Managed.IndexOf(controller);
        return rank < 0 ? Managed.Length : rank;
    }
}
