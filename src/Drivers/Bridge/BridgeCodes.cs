namespace Provision.Drivers.Bridge;

/// <summary>Codes of what is wrong with a Bridge. Each has one meaning for ever.</summary>
internal static class BridgeCodes
{
    /// <summary>The resource's name is too long for a link and there is no linkName.</summary>
    public const string NameTooLong = "PV3001";

    /// <summary>Two bridges would have one link name.</summary>
    public const string LinkNameTaken = "PV3002";

    /// <summary>One address twice, in one bridge or on two.</summary>
    public const string AddressTwice = "PV3003";

    /// <summary>The subnets of two bridges overlap.</summary>
    public const string SubnetsOverlap = "PV3004";

    /// <summary>Two bridges have one MAC address.</summary>
    public const string MacTwice = "PV3005";

    /// <summary>A link is a port of two bridges.</summary>
    public const string PortTwice = "PV3006";

    /// <summary>A bridge is a port, of itself or of another.</summary>
    public const string BridgeAsPort = "PV3007";

    /// <summary>IPv6 addresses on a link whose MTU is below 1280.</summary>
    public const string MtuTooSmallForIPv6 = "PV3008";

    /// <summary>A forward delay that the kernel refuses while STP runs.</summary>
    public const string ForwardDelay = "PV3009";

    /// <summary>Group forwarding of frames that a bridge must never forward.</summary>
    public const string RestrictedGroup = "PV3010";

    /// <summary>VLANs of one port that overlap, two PVIDs, or a range as PVID.</summary>
    public const string Vlans = "PV3011";

    /// <summary>Warning: VLANs that have no effect without vlanFiltering.</summary>
    public const string VlansWithoutFiltering = "PV3012";

    /// <summary>An address that no bridge can have: loopback, broadcast.</summary>
    public const string NotALinkAddress = "PV3013";

    /// <summary>The adopted link is not a bridge.</summary>
    public const string NotABridge = "PV3020";

    /// <summary>This kernel's bridge lacks the feature.</summary>
    public const string NotInKernel = "PV3021";

    /// <summary>The port's link does not exist.</summary>
    public const string NoSuchPort = "PV3022";

    /// <summary>The port's link belongs to something else.</summary>
    public const string PortInUse = "PV3023";

    /// <summary>The link cannot be a bridge port.</summary>
    public const string CannotBePort = "PV3024";

    /// <summary>The link name belongs to another link.</summary>
    public const string NameInUse = "PV3025";

    /// <summary>Instance, stack and name together do not fit into a link's alias.</summary>
    public const string MarkTooLong = "PV3026";

    /// <summary>Links that nobody asked to remove would go with the bridge.</summary>
    public const string LinksOnTop = "PV3027";

    /// <summary>A default VLAN for a bridge that has no MAC address.</summary>
    public const string NoMacAddress = "PV3029";

    /// <summary>Warning: firewall rules for routed packets apply to what the bridge forwards.</summary>
    public const string PassesNetfilter = "PV3028";

    /// <summary>Warning: another on the network has the address, so that the kernel does not use it.</summary>
    public const string AddressInUse = "PV3030";
}
