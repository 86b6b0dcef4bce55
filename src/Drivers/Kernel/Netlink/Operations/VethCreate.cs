using System.Net.NetworkInformation;

namespace Provision.Kernel.Netlink;

/// <summary>
/// Makes a pair of veth links: one here, up, a port of a bridge and with our group, the other born in another network
/// namespace, so that it never shows here, and down: as it is registered it has no peer yet (veth_open: ENOTCONN).
/// </summary>
/// <param name="Link">The name of the end that stays.</param>
/// <param name="Bridge">The bridge of that end.</param>
/// <param name="Group">IFLA_GROUP of that end.</param>
/// <param name="Peer">The name of the other end.</param>
/// <param name="PeerMac">Null: the kernel's choice.</param>
internal sealed record VethCreate(string Link, string Bridge, uint Group, string Peer, string? PeerMac) : RtnetlinkOperation(Link)
{
    private const ushort PeerInfo = 1; // VETH_INFO_PEER

    public override string Text =>
        $"create link {Link} type veth group 0x{Group:x8} master {Bridge} peer {Peer}{(PeerMac is null ? "" : $" address {PeerMac}")}";

    /// <summary>A descriptor of the other end's network namespace.</summary>
    public required int PeerNamespace { get; init; }

    internal override IEnumerable<string> Needs => [Bridge];

    internal override void Write(NetlinkWriter to, LinkIndexes indexes)
    {
        to.Begin(MessageType.NewLink, MessageFlags.Request | MessageFlags.Ack | MessageFlags.Create | MessageFlags.Exclusive);
        to.LinkHeader(Family.Unspecified, 0, LinkAttribute.Up, LinkAttribute.Up);
        to.Attribute(LinkAttribute.Name, Link);
        to.Attribute(LinkAttribute.Group, Group);
        to.Attribute(LinkAttribute.Master, (uint)indexes[Bridge]);
        var info = to.BeginNest(LinkAttribute.LinkInfo | LinkAttribute.Nested);
        to.Attribute(LinkAttribute.InfoKind, "veth");
        var data = to.BeginNest(LinkAttribute.InfoData | LinkAttribute.Nested);
        var peer = to.BeginNest(PeerInfo | LinkAttribute.Nested);
        to.LinkHeader(Family.Unspecified, 0);
        to.Attribute(LinkAttribute.Name, Peer);
        to.Attribute(LinkAttribute.NetnsDescriptor, (uint)PeerNamespace);
        if (PeerMac is not null)
            to.Attribute(LinkAttribute.Address, PhysicalAddress.Parse(PeerMac).GetAddressBytes());
        to.EndNest(peer);
        to.EndNest(data);
        to.EndNest(info);
        to.End();
    }

    internal override string? Explain(int errno) => errno switch
    {
        17 => "a link with this name exists, here or in the container",
        40 or 95 => $"{Bridge} takes no ports",
        _ => null,
    };
}
