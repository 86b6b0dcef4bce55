namespace Provision.Kernel.Netlink;

/// <summary>RTA_* of linux/rtnetlink.h, and the values of struct rtmsg that are read or written.</summary>
internal static class RouteAttribute
{
    public const ushort Destination = 1;
    public const ushort OutputLink = 4;
    public const ushort Gateway = 5;
    public const ushort Priority = 6;
    public const ushort PreferredSource = 7;
    public const ushort Metrics = 8;
    public const ushort MultiPath = 9;
    public const ushort Table = 15;
    public const ushort Via = 18;
    public const ushort Preference = 20;
    public const ushort NextHopObject = 30;

    /// <summary>rtm_flags: an entry of the routing cache, made from another route.</summary>
    public const uint Cloned = 0x200; // RTM_F_CLONED

    /// <summary>rtm_flags and rtnh_flags: the gateway counts as reachable through the link whatever its networks.</summary>
    public const uint OnLink = 4; // RTNH_F_ONLINK

    /// <summary>rtm_scope of a request that deletes: any.</summary>
    public const byte AnyScope = 255; // RT_SCOPE_NOWHERE
}
