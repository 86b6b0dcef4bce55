namespace Provision.Kernel.Netlink;

/// <summary>One network link as rtnetlink shows it.</summary>
/// <param name="Group">IFLA_GROUP; 0 unless set.</param>
/// <param name="Kind">IFLA_INFO_KIND: <c>bridge</c>, <c>veth</c>; null for physical links and lo.</param>
/// <param name="Alias">IFLA_IFALIAS; null when there is none.</param>
/// <param name="Mac">Lower case with colons; null for links without one.</param>
/// <param name="Up">IFF_UP: administratively up, whatever the carrier.</param>
/// <param name="Master">The index of the bridge (or bond, VRF) it belongs to; 0 when it belongs to none.</param>
public sealed record Link(int Index, string Name, uint Group, string? Kind, string? Alias, int Mtu, string? Mac, bool Up, int Master)
{
    /// <summary>NETNSA_NSID_NOT_ASSIGNED.</summary>
    public const int UnknownNamespace = -1;

    /// <summary>The hardware's own address, where there is one (IFLA_PERM_ADDRESS).</summary>
    public string? PermanentMac { get; init; }

    /// <summary>ifi_type, ARPHRD_* of linux/if_arp.h: 1 is Ethernet.</summary>
    public ushort Type { get; init; }

    /// <summary>ifi_flags of linux/if.h.</summary>
    public uint Flags { get; init; }

    /// <summary>The link below it or its peer (IFLA_LINK); 0 when there is none.</summary>
    public int Parent { get; init; }

    /// <summary>
    /// The number that this network namespace has for the one <see cref="Parent"/> is in (IFLA_LINK_NETNSID); null when
    /// it is this one, <see cref="UnknownNamespace"/> when the kernel does not tell.
    /// </summary>
    public int? ParentNamespace { get; init; }

    /// <summary>True when <see cref="Parent"/> is an index of another network namespace.</summary>
    public bool ParentIsElsewhere => ParentNamespace is not null;

    public uint? MinMtu { get; init; }

    public uint? MaxMtu { get; init; }

    /// <summary>What kind its master is (IFLA_INFO_SLAVE_KIND): <c>bridge</c>.</summary>
    public string? MasterKind { get; init; }

    /// <summary>The settings of a bridge; null for other kinds.</summary>
    public BridgeState? Bridge { get; init; }

    /// <summary>The settings of a bridge port; null for links that are none.</summary>
    public PortState? Port { get; init; }

    public bool IsBridge => Kind == "bridge";

    /// <summary>True for a link on top of the one with this index, which goes when that goes.</summary>
    public bool LivesOn(int index) =>
        Parent == index && !ParentIsElsewhere && (Kind is "vlan" or "macvlan" or "macvtap" or "ipvlan" or "ipvtap" or "macsec");
}

/// <summary>What a bridge shows; null is what this kernel does not have. Times are in clock_t (1/100 s).</summary>
public sealed record BridgeState
{
    public uint? ForwardDelay { get; init; }

    public uint? HelloTime { get; init; }

    public uint? MaxAge { get; init; }

    public uint? AgeingTime { get; init; }

    public uint? StpState { get; init; }

    public ushort? Priority { get; init; }

    public byte? VlanFiltering { get; init; }

    /// <summary>Absent where the kernel was built without CONFIG_BRIDGE_VLAN_FILTERING, unlike <see cref="VlanFiltering"/>.</summary>
    public ushort? VlanProtocol { get; init; }

    public ushort? GroupForwardMask { get; init; }

    public byte? MulticastSnooping { get; init; }

    public byte? MulticastQuerier { get; init; }

    public uint? MulticastQueryInterval { get; init; }

    public byte? MulticastIgmpVersion { get; init; }

    public byte? MulticastMldVersion { get; init; }

    public ushort? VlanDefaultPvid { get; init; }

    /// <summary>This bridge's frames pass iptables, ip6tables or arptables whatever the sysctls say.</summary>
    public bool CallsNetfilter { get; init; }
}

/// <summary>What a bridge port shows; null is what this kernel does not have.</summary>
public sealed record PortState
{
    public uint? Cost { get; init; }

    public ushort? Priority { get; init; }

    public byte? Hairpin { get; init; }

    public byte? Isolated { get; init; }
}
