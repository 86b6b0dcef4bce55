using System.Collections.Immutable;

namespace Provision.Kernel;

/// <summary>
/// Makes a v2 cgroup have exactly one device program with these rules, replacing what is there; or none.
/// </summary>
/// <param name="Allow">Normal form (<see cref="DeviceRule.Normal"/>); everything else is refused. Null: no program.</param>
public sealed record CgroupDevices(string Path, ImmutableArray<DeviceRule>? Allow) : CgroupOperation(Path)
{
    public override string Text => Allow is { } rules
        ? $"attach device program: allow {(rules.IsEmpty ? "nothing" : string.Join(", ", rules))}"
        : "detach device programs";

    public bool Equals(CgroupDevices? other) => other is not null && base.Equals(other) && Text == other.Text;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}
