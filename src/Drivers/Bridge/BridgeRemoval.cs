using Provision.Kernel.Netlink;
using Provision.Reconciler;

namespace Provision.Drivers.Bridge;

/// <summary>Removes a bridge, or takes the marks off it.</summary>
internal static class BridgeRemoval
{
    public static IReadOnlyList<Operation> Plan(ChangeRequest request)
    {
        var live = (LiveBridge)request.Live!.State!;
        var name = live.Link.Name;
        if (request.Live.DeletionPolicy != Spec.DeletionPolicy.Orphan || request.Live.Ownership != Ownership.Owned)
            return [new LinkDelete(name)];
        // The group goes first: with the group and without the alias it would look like an unfinished creation.
        return
        [
            new LinkSetGroup(name, 0) { Undo = new LinkSetGroup(name, live.Link.Group) },
            new LinkSetAlias(name, "") { Undo = new LinkSetAlias(name, live.Link.Alias ?? "") },
        ];
    }
}
