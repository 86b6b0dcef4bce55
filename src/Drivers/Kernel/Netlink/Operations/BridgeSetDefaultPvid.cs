using System.Collections.Immutable;

namespace Provision.Kernel.Netlink;

/// <summary>The VLANs of a port.</summary>
public sealed record PortVlans(string Port, ImmutableArray<BridgeVlan> Vlans)
{
    public override string ToString() => $"{Port} {string.Join(',', Vlans.Select(static v => v.ToString()))}";
}

/// <summary>
/// Sets the VLAN that new ports of a bridge carry untagged. The kernel moves ports along that had the old one so
/// (__br_vlan_set_default_pvid of net/bridge/br_vlan.c).
/// </summary>
/// <param name="Pvid">0 for none.</param>
/// <param name="Keep">Ports that are given these VLANs again, and no others.</param>
public sealed record BridgeSetDefaultPvid(string Link, ushort Pvid, ImmutableArray<PortVlans> Keep) : RtnetlinkOperation(Link)
{
    public override string Text => $"set bridge {Link} {BridgeAttribute.VlanDefaultPvid.Name()} {Pvid}"
        + (Keep.IsEmpty ? "" : $" keeping {string.Join("; ", Keep)}");

    internal override IEnumerable<string> Needs => [Link, .. Keep.Select(static k => k.Port)];

    internal override void Write(NetlinkWriter to, LinkIndexes indexes)
    {
        new BridgeSet(Link, BridgeAttribute.VlanDefaultPvid, Pvid).Write(to, indexes);
        foreach (var (port, vlans) in Keep)
            BridgeVlanChange.WriteExactly(to, indexes, port, vlans, Pvid);
    }
}
