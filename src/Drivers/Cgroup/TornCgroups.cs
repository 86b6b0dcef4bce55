using Provision.Kernel;

namespace Provision.Drivers.Cgroup;

/// <summary>
/// Cgroups below an instance's marked root that are in some hierarchies and not in the primary: creations cut short
/// by hands that removed the directory with the marks. Only names with our suffix and without processes count.
/// </summary>
internal sealed class TornCgroups(ICgroupReader reader, CgroupTree tree)
{
    /// <summary>Their paths, parents before children.</summary>
    /// <param name="leafOfNoInterest">Cgroups without cgroups of ours below them that need no look in every hierarchy:
    /// with a thousand of them that look would cost more than the rest of a plan.</param>
    public IEnumerable<string> Find(Func<string, bool> leafOfNoInterest)
    {
        var at = tree.Paths.Where(p => tree.Find(p)!.Children.Any(IsOurs) || !leafOfNoInterest(p));
        return at.Prepend(tree.Root).SelectMany(Below);
    }

    /// <summary>True for a directory that is not in the primary hierarchy and has nothing of others in it.</summary>
    public static bool IsTorn(ICgroupReader reader, string path) =>
        IsOurs(path)
        && !reader.Exists(reader.Layout.Primary, path)
        && CgroupState.Processes(reader, path) == 0
        && Children(reader, path).All(child => IsTorn(reader, $"{path}/{child}"));

    private IEnumerable<string> Below(string path) => Children(reader, path)
        .Select(child => $"{path}/{child}")
        .Where(child => tree.Find(child) is null && IsTorn(reader, child))
        .SelectMany(child => Below(child).Prepend(child));

    private static IEnumerable<string> Children(ICgroupReader reader, string path) =>
        reader.Layout.Hierarchies.SelectMany(h => reader.Children(h, path)).Distinct().Order(StringComparer.Ordinal);

    private static bool IsOurs(string name) => name.EndsWith(CgroupPaths.Suffix, StringComparison.Ordinal);
}
