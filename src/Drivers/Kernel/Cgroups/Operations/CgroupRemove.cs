using System.Collections.Immutable;

namespace Provision.Kernel;

/// <summary>
/// Removes the empty directory from the hierarchies named, in the reverse of that order, so that the primary with
/// its marks goes last and a removal cut short can still be found. One that is gone already is fine.
/// </summary>
/// <param name="Takeback">True when it takes back a creation of the same run: nothing is lost by it.</param>
public sealed record CgroupRemove(string Path, ImmutableArray<string> Hierarchies, bool Takeback = false) : CgroupOperation(Path)
{
    public override string Text => $"remove cgroup {Path}";

    public override bool Irreversible => !Takeback;

    public bool Equals(CgroupRemove? other) => other is not null && base.Equals(other)
        && Takeback == other.Takeback && Hierarchies.SequenceEqual(other.Hierarchies);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}
