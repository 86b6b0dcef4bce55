using System.Net;
using System.Net.Sockets;

namespace Provision.Kernel.Netlink;

/// <summary>What adding and removing a route have in common.</summary>
/// <param name="Link">The link it leads through.</param>
/// <param name="Destination">The network's first address.</param>
/// <param name="PrefixLength">0–32 or 0–128; 0 is the default route.</param>
public abstract record RouteChange(string Link, IPAddress Destination, byte PrefixLength, IPAddress? Gateway) : RtnetlinkOperation(Link)
{
    public bool IsIPv6 => Destination.AddressFamily == AddressFamily.InterNetworkV6;

    private protected string Target =>
        $"{(PrefixLength == 0 ? IsIPv6 ? "::/0" : "default" : $"{Address.Format(Destination)}/{PrefixLength}")}"
        + $"{(Gateway is null ? "" : $" via {Address.Format(Gateway)}")} dev {Link}";

    private protected void WriteTarget(NetlinkWriter to, int link)
    {
        if (PrefixLength > 0)
            to.Attribute(RouteAttribute.Destination, Destination.GetAddressBytes());
        if (Gateway is not null)
            to.Attribute(RouteAttribute.Gateway, Gateway.GetAddressBytes());
        to.Attribute(RouteAttribute.OutputLink, (uint)link);
    }

    private protected byte AddressFamilyByte => IsIPv6 ? Family.IPv6 : Family.IPv4;
}
