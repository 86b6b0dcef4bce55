using System.Globalization;
using System.Net;

namespace Provision.Kernel.Netlink;

/// <summary>Removes one route: that with this gateway, table, protocol and metric. A multipath route goes whole.</summary>
/// <param name="Protocol">rtm_protocol; 0 for any.</param>
/// <param name="Metric">RTA_PRIORITY; 0 is any for IPv6.</param>
public sealed record RouteDelete(
    string Link, IPAddress Destination, byte PrefixLength, IPAddress? Gateway, byte Protocol = Route.Provision,
    uint Table = Route.MainTable, uint Metric = 0, RouteType Type = RouteType.Unicast, byte ServiceType = 0)
    : RouteChange(Link, Destination, PrefixLength, Gateway)
{
    /// <summary>A multipath route names its ways; without them it is found by all else.</summary>
    public bool Whole { get; init; }

    public static RouteDelete Of(string link, Route route) => new(
        link, route.Destination, route.PrefixLength, route.Gateway, route.Protocol, route.Table, route.Metric, route.Type, route.ServiceType)
    {
        Whole = route.Hops.Length > 0 || route.NextHopObject != 0 || route.Gateway?.AddressFamily is { } family && family != route.Destination.AddressFamily,
    };

    public override string Text =>
        $"delete route {Target}{(Protocol is Route.Provision or 0 ? "" : $" proto {Protocol}")}"
        + string.Create(CultureInfo.InvariantCulture, $"{(Table == Route.MainTable ? "" : $" table {Table}")}{(Metric == 0 ? "" : $" metric {Metric}")}")
        + $"{(Type == RouteType.Unicast ? "" : $" type {Type.ToString().ToLowerInvariant()}")}{(ServiceType == 0 ? "" : $" tos {ServiceType}")}{(Whole ? " whole" : "")}";

    internal override string Request => "RTM_DELROUTE";

    internal override void Write(NetlinkWriter to, LinkIndexes indexes)
    {
        to.Begin(MessageType.DeleteRoute, MessageFlags.Request | MessageFlags.Ack);
        var table = Table <= byte.MaxValue ? (byte)Table : (byte)0;
        // Only IPv4 has scopes; there another than the route's own would not find it.
        var scope = IsIPv6 ? (byte)0 : RouteAttribute.AnyScope;
        to.RouteHeader(AddressFamilyByte, PrefixLength, table, Protocol, scope, (byte)Type, ServiceType);
        if (!Whole)
            WriteTarget(to, indexes[Link]);
        else if (PrefixLength > 0)
            to.Attribute(RouteAttribute.Destination, Destination.GetAddressBytes());
        if (Table > byte.MaxValue)
            to.Attribute(RouteAttribute.Table, Table);
        if (Metric != 0)
            to.Attribute(RouteAttribute.Priority, Metric);
        to.End();
    }

    internal override bool IsDone(int errno, Link? now) => errno is 3 or 19; // ESRCH, ENODEV

    internal override string? Explain(int errno) => errno == 3 ? "there is no such route" : null;
}
