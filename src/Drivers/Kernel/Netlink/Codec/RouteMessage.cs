using System.Runtime.InteropServices;

namespace Provision.Kernel.Netlink;

/// <summary>A RTM_NEWROUTE message of a dump, as far as it takes to send it again.</summary>
/// <param name="Again">Its payload without what the kernel only tells: whether a nexthop is dead, how old it is.</param>
/// <param name="ByNexthopObject">True where the route names a nexthop object (RTA_NH_ID).</param>
internal sealed record RouteMessage(byte[] Again, bool ByNexthopObject)
{
    private const int HeaderLength = 12; // struct rtmsg
    private const int NexthopLength = 8; // struct rtnexthop
    private const int FlagsOffset = 8;

    private const ushort OutputLink = 4; // RTA_OIF
    private const ushort Multipath = 9; // RTA_MULTIPATH
    private const ushort CacheInfo = 12; // RTA_CACHEINFO
    private const ushort NexthopId = 30; // RTA_NH_ID

    private const byte FromKernel = 2; // RTPROT_KERNEL
    private const byte FromRouter = 9; // RTPROT_RA
    private const uint Cloned = 0x200; // RTM_F_CLONED
    private const uint OnLink = 4; // RTNH_F_ONLINK, the one flag that is set and not told

    /// <summary>False for what is no route, does not use these links, or was not given by somebody.</summary>
    public static bool TryParse(ReadOnlySpan<byte> payload, IReadOnlySet<int> links, out RouteMessage route)
    {
        route = null!;
        if (payload.Length < HeaderLength || payload[0] is not (Family.IPv4 or Family.IPv6) || payload[5] is FromKernel or FromRouter)
            return false;
        var flags = MemoryMarshal.Read<uint>(payload[FlagsOffset..]);
        if ((flags & Cloned) != 0)
            return false;
        var (uses, byObject) = (false, false);
        var again = new NetlinkWriter(payload.Length);
        again.Header(payload[..HeaderLength]);
        var attributes = new NetlinkAttributes(payload[HeaderLength..]);
        while (attributes.TryNext(out var attribute))
        {
            var bytes = attribute.Payload.ToArray();
            if (attribute.Type == OutputLink)
                uses |= attribute.U32 is { } link && links.Contains((int)link);
            else if (attribute.Type == Multipath)
                uses |= Nexthops(bytes, links);
            else if (attribute.Type == NexthopId)
                byObject = true;
            if (attribute.Type != CacheInfo)
                again.Attribute(attribute.Type, bytes);
        }

        var message = again.Written.ToArray();
        MemoryMarshal.Write(message.AsSpan(FlagsOffset), flags & OnLink);
        route = new RouteMessage(message, byObject);
        return uses && !attributes.Malformed;
    }

    // struct rtnexthop: u16 length, u8 flags, u8 hops, int link; its attributes follow.
    private static bool Nexthops(Span<byte> nexthops, IReadOnlySet<int> links)
    {
        var uses = false;
        while (nexthops.Length >= NexthopLength)
        {
            var length = MemoryMarshal.Read<ushort>(nexthops);
            if (length < NexthopLength || length > nexthops.Length)
                return uses;
            nexthops[2] &= (byte)OnLink;
            uses |= links.Contains(MemoryMarshal.Read<int>(nexthops[4..]));
            nexthops = nexthops[Math.Min(nexthops.Length, (length + 3) & ~3)..];
        }

        return uses;
    }
}
