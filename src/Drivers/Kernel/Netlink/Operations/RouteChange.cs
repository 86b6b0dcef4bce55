using System.Net;
using System.Net.Sockets;

namespace Provision.Kernel.Netlink;

/// <summary>What adding and removing a route have in common.</summary>
/// <param name="Destination">Null for the default route, whose family is the gateway's.</param>
/// <param name="Gateway">Null where the destination is on the link.</param>
public abstract record RouteChange(string Link, IPAddress? Destination, byte PrefixLength, IPAddress? Gateway) : RtnetlinkOperation(Link)
{
    private protected string Target =>
        $"{(Destination is null ? "default" : $"{Address.Format(Destination)}/{PrefixLength}")}{(Gateway is null ? "" : $" via {Address.Format(Gateway)}")} dev {Link}";

    private protected void WriteRoute(NetlinkWriter to, ushort type, ushort flags, byte protocol, byte scope, int index)
    {
        var ipv6 = (Destination ?? Gateway)?.AddressFamily == AddressFamily.InterNetworkV6;
        to.Begin(type, (ushort)(MessageFlags.Request | MessageFlags.Ack | flags));
        to.RouteHeader(ipv6 ? Family.IPv6 : Family.IPv4, Destination is null ? (byte)0 : PrefixLength, RouteAttribute.MainTable, protocol, scope, RouteAttribute.Unicast);
        if (Destination is not null)
            to.Attribute(RouteAttribute.Destination, Destination.GetAddressBytes());
        if (Gateway is not null)
            to.Attribute(RouteAttribute.Gateway, Gateway.GetAddressBytes());
        to.Attribute(RouteAttribute.OutputInterface, (uint)index);
        to.End();
    }
}

/// <summary>
/// Adds a route with our protocol number. Exclusive: a replace would take the first route of that prefix, whoever made it.
/// </summary>
public sealed record RouteAdd(string Link, IPAddress? Destination, byte PrefixLength, IPAddress? Gateway)
    : RouteChange(Link, Destination, PrefixLength, Gateway)
{
    public override string Text => $"add route {Target}";

    internal override string Request => "RTM_NEWROUTE";

    internal override void Write(NetlinkWriter to, LinkIndexes indexes) => WriteRoute(
        to, MessageType.NewRoute, MessageFlags.Create | MessageFlags.Exclusive, Route.Provision,
        Gateway is null ? RouteAttribute.LinkScope : RouteAttribute.Universe, indexes[Link]);

    internal override bool IsDone(int errno, Link? now) => errno == 17; // EEXIST

    internal override string? Explain(int errno) => errno switch
    {
        22 => "the destination has bits beyond its prefix, or the gateway is an address of this host",
        101 or 113 => "the gateway is in no subnet of this link",
        _ => null,
    };
}

/// <summary>Removes a route, whoever made it.</summary>
public sealed record RouteDelete(string Link, IPAddress? Destination, byte PrefixLength, IPAddress? Gateway)
    : RouteChange(Link, Destination, PrefixLength, Gateway)
{
    public override string Text => $"delete route {Target}";

    internal override string Request => "RTM_DELROUTE";

    internal override void Write(NetlinkWriter to, LinkIndexes indexes) => WriteRoute(
        to, MessageType.DeleteRoute, 0, 0, RouteAttribute.NowhereScope, indexes[Link]);

    internal override bool IsDone(int errno, Link? now) => errno == 3; // ESRCH
}
