using Provision.Kernel.Netlink;
using Provision.Reconciler;

namespace Provision.Drivers.Bridge;

/// <summary>Whose a link is.</summary>
internal static class BridgeMarks
{
    /// <summary>
    /// The mark of this instance on a bridge; null when it has none. The alias alone counts: a group changed by hand, or by
    /// a removal that was cut short, does not take a link out of our hands.
    /// </summary>
    public static AliasMark? Read(Link link, Scope scope) =>
        link.IsBridge && AliasMark.TryParse(link.Alias) is { } mark && mark.Scope.Instance == scope.Instance && mark.Id.Kind == BridgeSchema.Kind
            ? mark
            : null;

    /// <summary>
    /// A creation of this instance that was cut short before the alias came, which is the next step: group, no alias, and
    /// nothing done with the bridge yet. A bridge in use that has lost its alias may be another stack's.
    /// </summary>
    public static bool IsUnfinished(Link link, Scope scope, BridgeTables tables) =>
        link.Alias is null && !link.Up && HasLostItsAlias(link, scope)
        && !tables.Links.PortsOf(link.Index).Any() && !tables.Addresses.Of(link.Index).Any();

    /// <summary>A bridge with the instance's group whose alias somebody removed or overwrote: ours to mend, if a resource names it.</summary>
    public static bool HasLostItsAlias(Link link, Scope scope) =>
        link.IsBridge && AliasMark.TryParse(link.Alias) is null && link.Group == AliasMark.Group(scope.Instance);
}
