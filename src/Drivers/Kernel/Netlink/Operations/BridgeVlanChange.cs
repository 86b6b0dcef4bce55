using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Provision.Kernel.Netlink;

/// <summary>What adding and removing VLANs of a bridge port have in common (IFLA_BRIDGE_VLAN_INFO, a range as two).</summary>
public abstract record BridgeVlanChange(string Link, BridgeVlan Vlan) : RtnetlinkOperation(Link)
{
    internal override string? Explain(int errno) => errno switch
    {
        95 => "this kernel's bridge has no VLAN filtering, or the link is not a bridge port",
        _ => null,
    };

    private protected void WriteVlan(NetlinkWriter to, ushort type, int index)
    {
        to.Begin(type, MessageFlags.Request | MessageFlags.Ack);
        to.LinkHeader(Family.Bridge, index);
        var spec = to.BeginNest(LinkAttribute.AfSpec | LinkAttribute.Nested);
        var flags = (Vlan.Pvid ? BridgeVlanParser.Pvid : 0) | (Vlan.Untagged ? BridgeVlanParser.Untagged : 0);
        if (Vlan.First != Vlan.Last)
            Info(to, flags | BridgeVlanParser.RangeBegin, Vlan.First);
        Info(to, Vlan.First == Vlan.Last ? flags : flags | BridgeVlanParser.RangeEnd, Vlan.Last);
        to.EndNest(spec);
        to.End();
    }

    /// <summary>These VLANs for a port that may have been given the default one as well; deleting a VLAN that is not there is no error.</summary>
    internal static void WriteExactly(NetlinkWriter to, LinkIndexes indexes, string port, ImmutableArray<BridgeVlan> vlans, int given)
    {
        if (given != 0 && !vlans.Any(v => v.Has(given)))
            new BridgeVlanDelete(port, new BridgeVlan(given, given, false, false)).Write(to, indexes);
        foreach (var vlan in vlans)
            new BridgeVlanAdd(port, vlan).Write(to, indexes);
    }

    private static void Info(NetlinkWriter to, int flags, int id) =>
        to.Attribute(LinkAttribute.BridgeVlanInfo, MemoryMarshal.AsBytes<ushort>([(ushort)flags, (ushort)id]));
}

/// <summary>Lets a port carry VLANs, or changes their flags.</summary>
public sealed record BridgeVlanAdd(string Link, BridgeVlan Vlan) : BridgeVlanChange(Link, Vlan)
{
    public override string Text =>
        $"add vlan {Vlan.Ids} dev {Link}{(Vlan.Pvid ? " pvid" : "")}{(Vlan.Untagged ? " untagged" : "")}";

    internal override string Request => "RTM_SETLINK";

    internal override void Write(NetlinkWriter to, LinkIndexes indexes) => WriteVlan(to, MessageType.SetLink, indexes[Link]);
}

/// <summary>Takes VLANs from a port.</summary>
public sealed record BridgeVlanDelete(string Link, BridgeVlan Vlan) : BridgeVlanChange(Link, Vlan)
{
    public override string Text => $"delete vlan {Vlan.Ids} dev {Link}";

    internal override string Request => "RTM_DELLINK";

    internal override void Write(NetlinkWriter to, LinkIndexes indexes) => WriteVlan(to, MessageType.DeleteLink, indexes[Link]);
}
