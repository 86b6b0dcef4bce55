using System.Net;
using System.Net.Sockets;

namespace Provision.Kernel.Netlink;

/// <summary>What adding and removing an address have in common.</summary>
/// <param name="Local">The address.</param>
/// <param name="PrefixLength">0–32 or 0–128.</param>
/// <param name="Peer">The far end of a point-to-point address; null when it is none.</param>
public abstract record AddressChange(string Link, IPAddress Local, byte PrefixLength, IPAddress? Peer) : RtnetlinkOperation(Link)
{
    public bool IsIPv6 => Local.AddressFamily == AddressFamily.InterNetworkV6;

    private protected string Target => $"{Address.Format(Local)}{(Peer is null ? "" : $" peer {Address.Format(Peer)}")}/{PrefixLength} dev {Link}";

    private protected void WriteAddress(NetlinkWriter to, ushort type, ushort flags, byte scope, int index, byte addressFlags = 0)
    {
        to.Begin(type, (ushort)(MessageFlags.Request | MessageFlags.Ack | flags));
        to.AddressHeader(IsIPv6 ? Family.IPv6 : Family.IPv4, PrefixLength, scope, index, addressFlags);
        to.Attribute(AddressAttribute.Local, Local.GetAddressBytes());
        to.Attribute(AddressAttribute.Address, (Peer ?? Local).GetAddressBytes());
    }
}
