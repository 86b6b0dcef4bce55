using Provision.Kernel.Netlink;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Bridge;

/// <summary>Removes a bridge, or takes the marks off it.</summary>
internal static class BridgeRemoval
{
    public static IReadOnlyList<Operation> Plan(ChangeRequest request, BridgeTables tables, DiagnosticBag bag)
    {
        var live = (LiveBridge)request.Live!.State!;
        var name = live.Link.Name;
        if (request.Live.DeletionPolicy == DeletionPolicy.Orphan && request.Live.Ownership == Ownership.Owned)
            return Release(live, name);
        if (!request.Force)
            CheckLinksOnTop(request.Id, live.Link, tables, bag);
        return [new LinkDelete(name) { LinkIndex = live.Link.Index }];
    }

    // Removing a link removes what is stacked on it, whoever made that.
    private static void CheckLinksOnTop(ResourceId id, Link bridge, BridgeTables tables, DiagnosticBag bag)
    {
        var onTop = tables.Links.Links.Where(l => l.LivesOn(bridge.Index) && !LinkGroups.IsProvision(l.Group))
            .Select(static l => $"{l.Name} ({l.Kind})").Order(StringComparer.Ordinal).ToList();
        if (onTop.Count > 0)
            bag.Error(BridgeCodes.LinksOnTop, $"{id}: removing {bridge.Name} would also remove {string.Join(", ", onTop)}, which Provision did not make",
                SourceSpan.None, "remove them first, or use --force");
    }

    // The group goes first: with the group and without the alias it would look like an unfinished creation.
    private static Operation[] Release(LiveBridge live, string name)
    {
        var index = live.Link.Index;
        return
        [
            new LinkSetGroup(name, 0) { LinkIndex = index, Undo = new LinkSetGroup(name, live.Link.Group) { LinkIndex = index } },
            new LinkSetAlias(name, "") { LinkIndex = index, Undo = new LinkSetAlias(name, live.Link.Alias ?? "") { LinkIndex = index } },
        ];
    }
}
