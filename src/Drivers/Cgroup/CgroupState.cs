using System.Collections.Immutable;
using System.Globalization;
using Provision.Kernel;

namespace Provision.Drivers.Cgroup;

/// <summary>What the driver keeps of an observed cgroup beside its fields. What only a refusal needs is read when asked for.</summary>
/// <param name="Hierarchies">Names of the hierarchies in which the directory is there.</param>
/// <param name="Children">Names of its child cgroups in the primary hierarchy.</param>
internal sealed record CgroupState(
    ICgroupReader Reader, string Path, ImmutableArray<string> Hierarchies, ImmutableArray<string> Children,
    ImmutableSortedDictionary<string, string> Marks)
{
    /// <summary>Hierarchies of this host in which it is missing.</summary>
    public ImmutableArray<string> Missing => [.. Reader.Layout.Hierarchies.Select(static h => h.Name).Except(Hierarchies)];

    /// <summary>Processes directly in it, in whatever hierarchy.</summary>
    public int Processes() => Processes(Reader, Path);

    public static int Processes(ICgroupReader reader, string path) => reader.Layout.Hierarchies
        .SelectMany(h => Processes(reader, h, path))
        .Distinct()
        .Count();

    public static IReadOnlyList<string> Processes(ICgroupReader reader, CgroupHierarchy hierarchy, string path) =>
        (reader.Read(hierarchy, path, ProcessFile(reader, hierarchy, path)) ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    // A threaded cgroup shows no processes (EOPNOTSUPP), only threads.
    private static string ProcessFile(ICgroupReader reader, CgroupHierarchy hierarchy, string path) =>
        hierarchy.Unified && reader.Read(hierarchy, path, CgroupType.File) is { } type && type.StartsWith(CgroupType.Threaded, StringComparison.Ordinal)
            ? "cgroup.threads"
            : "cgroup.procs";

    /// <summary>Child cgroups that Provision did not make, in whatever hierarchy.</summary>
    public IReadOnlyList<string> ForeignChildren() =>
    [
        .. Reader.Layout.Hierarchies.SelectMany(h => Reader.Children(h, Path)).Distinct().Order(StringComparer.Ordinal)
            .Where(name => !IsOurs($"{Path}/{name}")),
    ];

    /// <summary>Bytes in use; null when the file is not there.</summary>
    public long? MemoryInUse() => Number("memory", "memory.current", "memory.usage_in_bytes");

    /// <summary>Processes and threads below and in it; null when the file is not there.</summary>
    public long? PidsInUse() => Number("pids", "pids.current", "pids.current");

    private long? Number(string controller, string fileV2, string fileV1) =>
        Reader.Layout.For(controller) is { } hierarchy
        && long.TryParse(Reader.Read(hierarchy, Path, hierarchy.Unified ? fileV2 : fileV1), CultureInfo.InvariantCulture, out var used)
            ? used
            : null;

    // Marked, or an unfinished creation: with our suffix, without mark and processes.
    private bool IsOurs(string child) => Reader.Visit(child) is { } node
        ? node.Marks.ContainsKey(CgroupMarks.Resource)
            || ((child.EndsWith(CgroupPaths.Suffix, StringComparison.Ordinal) || child.EndsWith(CgroupObserver.ContainerSuffix, StringComparison.Ordinal))
                && Processes(Reader, child) == 0)
        : TornCgroups.IsTorn(Reader, child);
}
