namespace Provision.Kernel.Netlink;

/// <summary>IFLA_* of linux/if_link.h: the attributes of a link that are read or written.</summary>
internal static class LinkAttribute
{
    public const ushort Address = 1;
    public const ushort Name = 3;
    public const ushort Mtu = 4;
    public const ushort Link = 5;
    public const ushort Master = 10;
    public const ushort LinkInfo = 18;
    public const ushort Alias = 20;
    public const ushort AfSpec = 26;
    public const ushort Group = 27;
    public const ushort NamespaceDescriptor = 28; // IFLA_NET_NS_FD
    public const ushort ExtMask = 29;
    public const ushort LinkNetns = 37;
    public const ushort MinMtu = 50;
    public const ushort MaxMtu = 51;
    public const ushort PermanentAddress = 54;

    // Inside LinkInfo.
    public const ushort InfoKind = 1;
    public const ushort InfoData = 2;
    public const ushort InfoSlaveKind = 4;
    public const ushort InfoSlaveData = 5;

    // Inside InfoData of a veth (linux/veth.h): struct ifinfomsg and attributes of the other end.
    public const ushort VethPeer = 1;

    // Inside AfSpec of an AF_BRIDGE message (linux/if_bridge.h).
    public const ushort BridgeFlags = 0;
    public const ushort BridgeVlanInfo = 2;

    public const ushort Nested = 0x8000; // NLA_F_NESTED

    /// <summary>Values of <see cref="ExtMask"/>.</summary>
    public const uint VlansCompressed = 1 << 2; // RTEXT_FILTER_BRVLAN_COMPRESSED
    public const uint SkipStatistics = 1 << 3; // RTEXT_FILTER_SKIP_STATS

    /// <summary>ifi_flags.</summary>
    public const uint Up = 1; // IFF_UP
}
