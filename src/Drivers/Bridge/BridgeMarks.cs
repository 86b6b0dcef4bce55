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

    /// <summary>A bridge with the instance's group and no alias: a creation, or a removal, that was cut short.</summary>
    public static bool IsUnfinished(Link link, Scope scope) =>
        link.IsBridge && link.Alias is null && LinkGroups.IsOf(link.Group, AliasMark.Group(scope.Instance));

    /// <summary>A bridge with the instance's group whose alias somebody overwrote: ours to mend, if a resource names it.</summary>
    public static bool HasLostItsAlias(Link link, Scope scope) =>
        link.IsBridge && AliasMark.TryParse(link.Alias) is null && LinkGroups.IsOf(link.Group, AliasMark.Group(scope.Instance));
}
