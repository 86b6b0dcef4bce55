using System.Net;
using System.Runtime.InteropServices;

namespace Provision.Kernel.Netlink;

/// <summary>RTM_NEWROUTE messages to <see cref="Route"/>.</summary>
internal static class RouteParser
{
    private const int HeaderLength = 12; // struct rtmsg

    /// <summary>False for what is no unicast route of the main table through one link, and for bytes that are no route.</summary>
    public static bool TryParse(ReadOnlySpan<byte> payload, out Route route)
    {
        route = null!;
        if (payload.Length < HeaderLength)
            return false;
        var family = payload[0];
        var size = family switch { Family.IPv4 => 4, Family.IPv6 => 16, _ => 0 };
        if (size == 0 || payload[1] > size * 8 || payload[7] != RouteAttribute.Unicast)
            return false;

        var table = (uint)payload[4];
        IPAddress? destination = null, gateway = null;
        uint link = 0;
        var attributes = new NetlinkAttributes(payload[HeaderLength..]);
        while (attributes.TryNext(out var attribute))
            switch (attribute.Type)
            {
                case RouteAttribute.Destination when attribute.Payload.Length == size:
                    destination = new IPAddress(attribute.Payload);
                    break;
                case RouteAttribute.Gateway when attribute.Payload.Length == size:
                    gateway = new IPAddress(attribute.Payload);
                    break;
                case RouteAttribute.OutputInterface:
                    link = attribute.U32 ?? 0;
                    break;
                case RouteAttribute.Table:
                    table = attribute.U32 ?? table;
                    break;
            }

        if (table != RouteAttribute.MainTable || link is 0 or > int.MaxValue || (payload[1] > 0 && destination is null))
            return false;
        route = new Route((int)link, family, payload[1] == 0 ? null : destination, payload[1], gateway, MemoryMarshal.Read<byte>(payload[5..]));
        return true;
    }
}
