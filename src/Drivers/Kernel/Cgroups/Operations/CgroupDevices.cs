using System.Collections.Immutable;

namespace Provision.Kernel;

/// <summary>
/// Makes a v2 cgroup have exactly one device program with these rules, replacing what is there; or none.
/// </summary>
/// <param name="Allow">Normal form (<see cref="DeviceRule.Normal"/>); everything else is refused. Null: no program.</param>
/// <param name="ReplacesForeign">True when what is there is a program that could not be read and so cannot come back.</param>
public sealed record CgroupDevices(string Path, ImmutableArray<DeviceRule>? Allow, bool ReplacesForeign = false) : CgroupOperation(Path)
{
    public override bool Irreversible => ReplacesForeign;

    public override string Text => Allow is { } rules
        ? $"attach device program: allow {(rules.IsEmpty ? "nothing" : string.Join(", ", rules))}"
        : "detach device programs";

    public bool Equals(CgroupDevices? other) => other is not null && base.Equals(other) && Text == other.Text
        && ReplacesForeign == other.ReplacesForeign;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}
