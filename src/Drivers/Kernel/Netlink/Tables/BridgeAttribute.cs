namespace Provision.Kernel.Netlink;

/// <summary>A setting of a bridge that can be changed in place (IFLA_BR_* of linux/if_link.h; the values are the kernel's).</summary>
public enum BridgeAttribute : ushort
{
    /// <summary>In clock_t (1/100 s); 2–30 s while STP runs.</summary>
    ForwardDelay = 1,

    /// <summary>In clock_t; 1–10 s.</summary>
    HelloTime = 2,

    /// <summary>In clock_t; 6–40 s.</summary>
    MaxAge = 3,

    /// <summary>In clock_t.</summary>
    AgeingTime = 4,

    /// <summary>0 off, 1 the kernel's STP, 2 a daemon's.</summary>
    StpState = 5,

    Priority = 6,

    VlanFiltering = 7,

    /// <summary>Bits of 01-80-C2-00-00-0X; 0 to 2 are refused.</summary>
    GroupForwardMask = 9,

    MulticastSnooping = 23,

    /// <summary>The kernel asks who wants which multicast, where no router does.</summary>
    MulticastQuerier = 25,

    /// <summary>In clock_t, 64 bits; less than a second is raised to one.</summary>
    MulticastQueryInterval = 33,

    /// <summary>0 for none; on a bridge with ports see <see cref="BridgeSetDefaultPvid"/>.</summary>
    VlanDefaultPvid = 39,

    /// <summary>2 or 3.</summary>
    MulticastIgmpVersion = 43,

    /// <summary>1 or 2.</summary>
    MulticastMldVersion = 44,
}

internal static class BridgeAttributes
{
    // Read only here.
    public const ushort VlanProtocol = 8;
    public const ushort CallIptables = 36;
    public const ushort CallIp6tables = 37;
    public const ushort CallArptables = 38;

    /// <summary>The name that ip-link(8) and sysfs use: <c>ageing_time</c>.</summary>
    public static string Name(this BridgeAttribute attribute) => attribute switch
    {
        BridgeAttribute.ForwardDelay => "forward_delay",
        BridgeAttribute.HelloTime => "hello_time",
        BridgeAttribute.MaxAge => "max_age",
        BridgeAttribute.AgeingTime => "ageing_time",
        BridgeAttribute.StpState => "stp_state",
        BridgeAttribute.Priority => "priority",
        BridgeAttribute.VlanFiltering => "vlan_filtering",
        BridgeAttribute.GroupForwardMask => "group_fwd_mask",
        BridgeAttribute.MulticastSnooping => "mcast_snooping",
        BridgeAttribute.MulticastQuerier => "mcast_querier",
        BridgeAttribute.MulticastQueryInterval => "mcast_query_interval",
        BridgeAttribute.MulticastIgmpVersion => "mcast_igmp_version",
        BridgeAttribute.MulticastMldVersion => "mcast_mld_version",
        BridgeAttribute.VlanDefaultPvid => "vlan_default_pvid",
        _ => throw new ArgumentOutOfRangeException(nameof(attribute)),
    };

    public static void Write(NetlinkWriter to, BridgeAttribute attribute, uint value)
    {
        switch (attribute)
        {
            case BridgeAttribute.VlanFiltering or BridgeAttribute.MulticastSnooping or BridgeAttribute.MulticastQuerier
                or BridgeAttribute.MulticastIgmpVersion or BridgeAttribute.MulticastMldVersion:
                to.Attribute((ushort)attribute, checked((byte)value));
                break;
            case BridgeAttribute.Priority or BridgeAttribute.GroupForwardMask or BridgeAttribute.VlanDefaultPvid:
                to.Attribute((ushort)attribute, checked((ushort)value));
                break;
            case BridgeAttribute.MulticastQueryInterval:
                to.Attribute((ushort)attribute, (ulong)value);
                break;
            default:
                to.Attribute((ushort)attribute, value);
                break;
        }
    }
}
