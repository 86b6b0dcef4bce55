using System.Collections.Immutable;

namespace Provision.Kernel;

/// <summary>
/// Makes the directory in the hierarchies named, in that order, and gives a v1 cpuset its parent's CPUs and
/// memory nodes (nothing can run in it before). A directory that is there already is an error.
/// </summary>
/// <param name="Hierarchies">Names of hierarchies; the primary first unless it has the directory already.</param>
/// <param name="Completes">Some hierarchies have it already: a creation that was cut short is completed.</param>
public sealed record CgroupCreate(string Path, ImmutableArray<string> Hierarchies, bool Completes = false) : CgroupOperation(Path)
{
    public override string Text => Completes
        ? $"create cgroup {Path} in {string.Join(", ", Hierarchies)}"
        : $"create cgroup {Path}";

    public bool Equals(CgroupCreate? other) => other is not null && base.Equals(other) && Text == other.Text
        && Hierarchies.SequenceEqual(other.Hierarchies);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}
