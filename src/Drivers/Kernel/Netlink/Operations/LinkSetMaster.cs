using System.Collections.Immutable;
using System.Globalization;

namespace Provision.Kernel.Netlink;

/// <summary>Puts a link on a bridge, moves it from another, or takes it off. The options it had as a port are lost.</summary>
/// <param name="Master">Null takes it off.</param>
/// <param name="Options">Port options set in the same batch: how an undo puts a port back as it was.</param>
public sealed record LinkSetMaster(string Link, string? Master, ImmutableSortedDictionary<PortAttribute, uint>? Options = null)
    : RtnetlinkOperation(Link)
{
    /// <summary>The VLANs that the port had, given to it again in the same batch; null leaves the kernel's default.</summary>
    public ImmutableArray<BridgeVlan>? Vlans { get; init; }

    /// <summary>vlan_default_pvid of the master: what the kernel gives a port that joins it.</summary>
    public int DefaultPvid { get; init; } = BridgeVlan.Default;

    /// <summary>
    /// The master's index: the bridge that was meant, whatever it is called by now (an undo can come while a rename stands).
    /// 0 where it was still to be made: then the name counts.
    /// </summary>
    public int MasterIndex { get; init; }

    public override string Text =>
        $"set link {Link} {(Master is null ? "nomaster" : $"master {Master}")}"
        + string.Concat((Options ?? ImmutableSortedDictionary<PortAttribute, uint>.Empty)
            .Select(static o => string.Create(CultureInfo.InvariantCulture, $" {o.Key.Name()} {o.Value}")))
        + (Vlans is { } vlans ? $" vlans {string.Join(',', vlans.Select(static v => v.ToString()))}" : "");

    internal override IEnumerable<string> Needs => Master is null || MasterIndex != 0 ? [Link] : [Link, Master];

    internal override (string Name, int Index)? Means => Master is null || MasterIndex == 0 ? null : (Master, MasterIndex);

    internal override void Write(NetlinkWriter to, LinkIndexes indexes)
    {
        BeginChange(to, indexes[Link]);
        to.Attribute(LinkAttribute.Master, (uint)(Master is null ? 0 : MasterIndex != 0 ? MasterIndex : indexes[Master]));
        to.End();
        // The kernel reads port options before it changes the master, so they need a message of their own.
        if (Options is { IsEmpty: false })
            PortSet.WriteOptions(to, indexes[Link], Options);
        if (Vlans is { } vlans)
            BridgeVlanChange.WriteExactly(to, indexes, Link, vlans, DefaultPvid);
    }

    internal override string? Explain(int errno) => errno switch
    {
        16 => "the link is taken: it is a port of something, or links on it (macvlan, ipvlan) take its frames",
        22 => "only Ethernet links can be ports",
        40 => "a bridge cannot be a port",
        95 => "this link cannot be a port",
        _ => null,
    };
}
