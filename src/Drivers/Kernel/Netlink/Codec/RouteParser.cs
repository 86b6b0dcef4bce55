using System.Collections.Immutable;
using System.Net;
using System.Runtime.InteropServices;

namespace Provision.Kernel.Netlink;

/// <summary>RTM_NEWROUTE and RTM_DELROUTE messages to <see cref="Route"/>.</summary>
internal static class RouteParser
{
    private const int HeaderLength = 12; // struct rtmsg
    private const int HopHeaderLength = 8; // struct rtnexthop
    private const int ViaHeaderLength = 2; // struct rtvia

    /// <summary>False for bytes that are no IPv4 or IPv6 route.</summary>
    public static bool TryParse(ReadOnlySpan<byte> payload, out Route route)
    {
        route = null!;
        if (payload.Length < HeaderLength)
            return false;
        var family = payload[0];
        var size = family switch { Family.IPv4 => 4, Family.IPv6 => 16, _ => 0 };
        if (size == 0 || payload[1] > size * 8)
            return false;
        var parsed = new Route(family, new IPAddress(new byte[size]), payload[1], null, 0)
        {
            HasSource = payload[2] != 0,
            ServiceType = payload[3],
            Table = payload[4],
            Protocol = payload[5],
            Scope = payload[6],
            Type = (RouteType)payload[7],
            Flags = MemoryMarshal.Read<uint>(payload[8..]),
        };
        var attributes = new NetlinkAttributes(payload[HeaderLength..]);
        while (attributes.TryNext(out var attribute))
            parsed = With(parsed, attribute, size);
        route = parsed;
        return true;
    }

    private static Route With(Route route, NetlinkAttribute attribute, int size) => attribute.Type switch
    {
        RouteAttribute.Destination when attribute.Payload.Length == size => route with { Destination = new IPAddress(attribute.Payload) },
        RouteAttribute.Gateway when attribute.Payload.Length == size => route with { Gateway = new IPAddress(attribute.Payload) },
        RouteAttribute.Via => route with { Gateway = Via(attribute.Payload) ?? route.Gateway },
        RouteAttribute.OutputLink => route with { Link = (int)(attribute.U32 ?? 0) },
        RouteAttribute.Priority => route with { Metric = attribute.U32 ?? 0 },
        RouteAttribute.PreferredSource when attribute.Payload.Length == size => route with { PreferredSource = new IPAddress(attribute.Payload) },
        RouteAttribute.Metrics => route with { HasMetrics = attribute.Payload.Length > 0 },
        RouteAttribute.Table => route with { Table = attribute.U32 ?? route.Table },
        RouteAttribute.Preference => route with { Preference = attribute.U8 ?? 0 },
        RouteAttribute.NextHopObject => route with { NextHopObject = attribute.U32 ?? 0 },
        RouteAttribute.MultiPath => route with { Hops = Hops(attribute.Payload, size) },
        _ => route,
    };

    private static ImmutableArray<RouteHop> Hops(ReadOnlySpan<byte> bytes, int size)
    {
        var hops = ImmutableArray.CreateBuilder<RouteHop>();
        while (bytes.Length >= HopHeaderLength)
        {
            int length = MemoryMarshal.Read<ushort>(bytes);
            if (length < HopHeaderLength || length > bytes.Length)
                break;
            IPAddress? gateway = null;
            var attributes = new NetlinkAttributes(bytes[HopHeaderLength..length]);
            while (attributes.TryNext(out var attribute))
                if (attribute.Type == RouteAttribute.Gateway && attribute.Payload.Length == size)
                    gateway = new IPAddress(attribute.Payload);
                else if (attribute.Type == RouteAttribute.Via)
                    gateway = Via(attribute.Payload) ?? gateway;
            hops.Add(new RouteHop(MemoryMarshal.Read<int>(bytes[4..]), gateway));
            bytes = bytes[Math.Min(bytes.Length, (length + 3) & ~3)..];
        }

        return hops.ToImmutable();
    }

    // A gateway of another family than the route's: an IPv4 network behind an IPv6 router.
    private static IPAddress? Via(ReadOnlySpan<byte> bytes) =>
        bytes.Length is ViaHeaderLength + 4 or ViaHeaderLength + 16 ? new IPAddress(bytes[ViaHeaderLength..]) : null;
}
