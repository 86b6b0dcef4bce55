using System.Collections.Immutable;

namespace Provision.Kernel;

/// <summary>Offers controllers to the children of a v2 cgroup (cgroup.subtree_control). Those on already are left alone.</summary>
public sealed record CgroupEnable(string Path, ImmutableArray<string> Controllers) : CgroupOperation(Path)
{
    public override string Text =>
        $"enable {string.Join(' ', Controllers.Select(static c => "+" + c))} below {Object}";

    public bool Equals(CgroupEnable? other) => other is not null && base.Equals(other) && Controllers.SequenceEqual(other.Controllers);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}

/// <summary>Takes controllers away from the children of a v2 cgroup; one that a child still passes on stays, without an error.</summary>
public sealed record CgroupDisable(string Path, ImmutableArray<string> Controllers) : CgroupOperation(Path)
{
    public override string Text =>
        $"disable {string.Join(' ', Controllers.Select(static c => "-" + c))} below {Object}";

    public bool Equals(CgroupDisable? other) => other is not null && base.Equals(other) && Controllers.SequenceEqual(other.Controllers);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}
