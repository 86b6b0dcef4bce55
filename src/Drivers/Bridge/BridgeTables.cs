using Provision.Kernel.Netlink;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Bridge;

/// <summary>What one run has read of the kernel for this kind: everything, or what a look at suspects needs.</summary>
/// <param name="Vlans">Empty unless some resource or some live bridge has to do with VLANs.</param>
internal sealed record BridgeTables(LinkTable Links, AddressTable Addresses, BridgeVlanTable Vlans)
{
    public static readonly BridgeTables Nothing = new(new LinkTable([]), new AddressTable([]), new BridgeVlanTable(new Dictionary<int, IReadOnlyList<BridgeVlan>>()));

    /// <summary>Up to how many suspects are looked at one by one: each costs two dumps, for which the kernel walks all links.</summary>
    private const int Few = 16;

    public static BridgeTables Of(Snapshot snapshot) => snapshot.Table(static () => Nothing);

    /// <summary>Every link and every address, each in one dump that other kinds share.</summary>
    public static BridgeTables ReadAll(Snapshot snapshot, ILinkReader reader, ResourceSet desired)
    {
        var links = snapshot.Table(reader.ReadLinks);
        return new BridgeTables(links, snapshot.Table(reader.ReadAddresses), ReadVlans(links, reader, desired));
    }

    /// <summary>
    /// Only the links that these resources name, their ports and their addresses. Null when there are many, for which
    /// reading everything is faster, or when that does not tell everything: an object that is not where its resource says may live under another name.
    /// </summary>
    public static BridgeTables? ReadSome(ILinkReader reader, ResourceSet desired, IReadOnlySet<ResourceId> only, Scope scope)
    {
        var resources = only.Select(desired.Find).OfType<Resource>().Where(static r => r.Id.Kind == BridgeSchema.Kind).ToList();
        if (resources.Count > Few || resources.Count < only.Count(static id => id.Kind == BridgeSchema.Kind))
            return null;
        var named = reader.ReadLinks(resources.Select(BridgeNames.LinkOf).Concat(resources.SelectMany(BridgeNames.PortsOf)));
        var bridges = resources.Select(r => (Resource: r, Link: named.Find(BridgeNames.LinkOf(r)))).ToList();
        if (!bridges.TrueForAll(b => b.Link is not null && BridgeMarks.Read(b.Link, scope)?.Id == b.Resource.Id))
            return null;
        var ports = bridges.SelectMany(b => reader.ReadPorts(b.Link!.Index).Links);
        var links = new LinkTable(named.Links.Concat(ports));
        if (links.Links.Any(l => l.Master != 0 && links.Find(l.Master) is null))
            return null;
        var addresses = bridges.SelectMany(b => reader.ReadAddresses(b.Link!.Index).All);
        return new BridgeTables(links, new AddressTable(addresses), ReadVlans(links, reader, desired));
    }

    private static BridgeVlanTable ReadVlans(LinkTable links, ILinkReader reader, ResourceSet desired) =>
        links.Links.Any(static l => l.Bridge is { VlanFiltering: > 0 } or { VlanDefaultPvid: not (null or BridgeVlan.Default) })
        || desired.OfKind(BridgeSchema.Kind).Any(static r => r.Spec.Number(BridgeFields.VlanDefaultPvid) is not (null or BridgeVlan.Default))
        || desired.OfKind(BridgeSchema.Kind).Any(static r => r.Spec.Objects(BridgeFields.Ports).Any(static p => p.Get(BridgeFields.Vlans) is not null))
            ? reader.ReadBridgeVlans()
            : Nothing.Vlans;
}
