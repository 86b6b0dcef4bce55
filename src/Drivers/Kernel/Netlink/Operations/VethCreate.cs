using System.Globalization;
using System.Net.NetworkInformation;
using System.Runtime.InteropServices;

namespace Provision.Kernel.Netlink;

/// <summary>
/// Makes a veth pair in one request, or fails and makes nothing: this end up, a port of a bridge, with its group; the
/// other born in another network namespace, down (the kernel refuses to bring it up before this end exists). The alias
/// comes after: the kernel ignores it here.
/// </summary>
/// <param name="Group">IFLA_GROUP of this end.</param>
/// <param name="Master">The bridge.</param>
/// <param name="Mtu">Bytes, of both ends.</param>
/// <param name="Peer">The name of the other end.</param>
/// <param name="PeerMac">Six bytes in hex with colons; null for a random one.</param>
internal sealed record VethCreate(string Link, uint Group, string Master, int Mtu, string Peer, string? PeerMac) : RtnetlinkOperation(Link)
{
    /// <summary>The other end's network namespace.</summary>
    public required SafeHandle Namespace { get; init; }

    /// <summary>What people call <see cref="Namespace"/>.</summary>
    public required string Place { get; init; }

    public override string Text => string.Create(
        CultureInfo.InvariantCulture,
        $"create link {Link} type veth group 0x{Group:x8} mtu {Mtu} master {Master} up peer {Peer}{(PeerMac is null ? "" : $" address {PeerMac}")} in {Place}");

    internal override IEnumerable<string> Needs => [Master];

    internal override void Write(NetlinkWriter to, LinkIndexes indexes)
    {
        to.Begin(MessageType.NewLink, MessageFlags.Request | MessageFlags.Ack | MessageFlags.Create | MessageFlags.Exclusive);
        to.LinkHeader(Family.Unspecified, 0, LinkAttribute.Up, LinkAttribute.Up);
        to.Attribute(LinkAttribute.Name, Link);
        to.Attribute(LinkAttribute.Group, Group);
        to.Attribute(LinkAttribute.Mtu, (uint)Mtu);
        to.Attribute(LinkAttribute.Master, (uint)indexes[Master]);
        var info = to.BeginNest(LinkAttribute.LinkInfo | LinkAttribute.Nested);
        to.Attribute(LinkAttribute.InfoKind, "veth");
        var data = to.BeginNest(LinkAttribute.InfoData | LinkAttribute.Nested);
        var peer = to.BeginNest(LinkAttribute.VethPeer | LinkAttribute.Nested);
        to.LinkHeader(Family.Unspecified, 0);
        to.Attribute(LinkAttribute.Name, Peer);
        to.Attribute(LinkAttribute.Mtu, (uint)Mtu);
        if (PeerMac is not null)
            to.Attribute(LinkAttribute.Address, PhysicalAddress.Parse(PeerMac).GetAddressBytes());
        // Who sends holds the handle until the kernel has answered.
        to.Attribute(LinkAttribute.NamespaceDescriptor, (uint)(int)Namespace.DangerousGetHandle());
        to.EndNest(peer);
        to.EndNest(data);
        to.EndNest(info);
        to.End();
    }

    internal override bool IsDone(int errno, Link? now) =>
        errno == 17 && now is { Kind: "veth", ParentIsElsewhere: true } && now.Group == Group; // EEXIST

    internal override string? Explain(int errno) =>
        errno == 17 ? $"there is a link {Link} here, or a link {Peer} in {Place}" : null;
}
