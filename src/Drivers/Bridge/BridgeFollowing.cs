using Provision.Kernel.Netlink;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Bridge;

/// <summary>
/// Bridges that declare no MTU and have the smallest of their ports'. The kernel sees to it until somebody has set an MTU
/// (net/bridge/br_device.c: BROPT_MTU_SET_BY_USER), of which nothing tells: so it is set once more after containers and
/// other bridges have moved ports, which is nothing to a bridge that still follows.
/// </summary>
/// <param name="changes">Of Bridges and Containers.</param>
internal sealed class BridgeFollowing(BridgeTables tables, Scope scope, IReadOnlyList<ChangeRequest> changes)
{
    private const int EthernetMtu = 1500;

    private readonly HashSet<string> _leaving =
        changes.Where(static c => c.Id.Kind == ContainerPlugs.Kind).SelectMany(ContainerPlugs.Leaving).ToHashSet(StringComparer.Ordinal);

    private readonly ILookup<string, Plug> _coming =
        changes.Where(static c => c.Id.Kind == ContainerPlugs.Kind).SelectMany(ContainerPlugs.Coming).ToLookup(static p => p.Bridge, StringComparer.Ordinal);

    public IEnumerable<Operation> Plan()
    {
        if (changes.Count == 0)
            yield break;
        var set = changes[0].Set;
        var owners = new Dictionary<string, ResourceId>(StringComparer.Ordinal);
        foreach (var bridge in set.OfKind(BridgeSchema.Kind))
            foreach (var port in BridgeNames.PortsOf(bridge))
                owners.TryAdd(port, bridge.Id);
        var live = tables.Links.Links.Where(static l => l.IsBridge)
            .Select(l => (Link: l, BridgeMarks.Read(l, scope)?.Id)).Where(static l => l.Id is not null).ToLookup(static l => l.Id!.Value, static l => l.Link);
        foreach (var bridge in set.OfKind(BridgeSchema.Kind).Where(Follows))
            if (live[bridge.Id].FirstOrDefault() is { } link && Operation(bridge, link, owners) is { } operation)
                yield return operation;
    }

    private static bool Follows(Resource bridge) =>
        bridge.Metadata.ManagementPolicy == ManagementPolicy.Manage && bridge.Spec.Number(BridgeFields.Mtu) is null
        && !bridge.Metadata.IgnoreFields.Contains(BridgeFields.Mtu.Path);

    private LinkSetMtu? Operation(Resource bridge, Link link, Dictionary<string, ResourceId> owners)
    {
        var change = changes.FirstOrDefault(c => c.Id == bridge.Id && c.Action == ChangeAction.Update);
        var before = change?.Fields.Any(static f => f.Path.Root == BridgeFields.Mtu) == true ? change.Desired!.Number(BridgeFields.Mtu)!.Value : link.Mtu;
        var staying = tables.Links.PortsOf(link.Index)
            .Where(p => LinkGroups.IsProvision(p.Group) ? !_leaving.Contains(p.Name) : bridge.Metadata.IgnoreFields.Contains(BridgeFields.Ports.Path) && !owners.ContainsKey(p.Name));
        var declared = BridgeNames.PortsOf(bridge).Where(p => owners[p] == bridge.Id).Select(tables.Links.Find).OfType<Link>();
        var coming = _coming[bridge.Id.Name].ToList();
        var after = staying.Concat(declared).Select(static p => (long)p.Mtu).Concat(coming.Select(static c => c.Mtu).OfType<long>()).DefaultIfEmpty(EthernetMtu).Min();
        // A link that nobody gives an MTU is made with what the bridge has.
        if (coming.Exists(static c => c.Mtu is null))
            after = Math.Min(after, before);
        var name = BridgeNames.LinkOf(bridge);
        return after == before ? null : new LinkSetMtu(name, (int)after)
        {
            Field = BridgeFields.Mtu.Path,
            LinkIndex = link.Index,
            Undo = new LinkSetMtu(name, (int)before) { LinkIndex = link.Index },
        };
    }
}
