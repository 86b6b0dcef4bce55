using Provision.Kernel.Netlink;
using Provision.Spec;

namespace Provision.Drivers.Bridge;

/// <summary>The fields of a Bridge; times are canonical microseconds.</summary>
internal static class BridgeFields
{
    private const long Second = 1_000_000;
    private const long ClockTick = 10_000; // clock_t, in which the kernel takes times as 32 bits

    public static readonly Field LinkName = new("linkName", Types.LinkName,
        "The link's name, where it should not be the resource's. A change renames the link; a kernel that renames only "
        + "links that are down (before Linux 6.2) has it down for a moment.")
    {
        DefaultDoc = "the resource's name",
    };

    public static readonly Field Addresses = new("addresses", new ListType(Types.InterfaceAddress, Key, "address"),
        "IPv4 and IPv6 addresses with their prefix lengths. The kernel's own link-local address is not listed.")
    { Default = ListValue.Empty };

    public static readonly Field Up = new("up", Types.Bool, "Whether the link is up.") { Default = true };

    public static readonly Field Mtu = new("mtu", Types.Integer(68, 65535),
        "Largest packet in bytes; below 1280 the kernel takes every IPv6 address away.")
    {
        DefaultDoc = "the smallest MTU of the ports, 1500 without ports",
    };

    public static readonly Field Mac = new("macAddress", Types.Mac,
        "Hardware address. A bridge without one takes the lowest of its ports', which changes with them.")
    {
        DefaultDoc = "a port's, or a random one; not compared",
    };

    public static readonly Field StpEnabled = new("enabled", Types.Bool, "Runs the kernel's spanning tree protocol.") { Default = false };

    public static readonly Field StpPriority = new("priority", Types.Integer(0, 65535),
        "Priority in the election of the root bridge; lower wins.")
    { Default = 32768 };

    public static readonly Field ForwardDelay = new("forwardDelay", Types.Duration(0, 30 * Second),
        "Time in the listening and in the learning state; at least 2s while STP runs.")
    { Default = 15 * Second };

    public static readonly Field HelloTime = new("helloTime", Types.Duration(Second, 10 * Second),
        "Interval between hello packets of the root bridge.")
    { Default = 2 * Second };

    public static readonly Field MaxAge = new("maxAge", Types.Duration(6 * Second, 40 * Second),
        "How long a hello packet counts.")
    { Default = 20 * Second };

    public static readonly Field Stp = new("stp",
        new ObjectType([StpEnabled, StpPriority, ForwardDelay, HelloTime, MaxAge]), "Spanning tree protocol.");

    public static readonly Field AgeingTime = new("ageingTime", Types.Duration(0, uint.MaxValue * ClockTick),
        "How long a learned MAC address is remembered.")
    { Default = 300 * Second };

    public static readonly Field MulticastSnooping = new("multicastSnooping", Types.Bool,
        "Sends multicast only to ports that asked for it.")
    { Default = true };

    public static readonly Field MulticastQuerier = new("multicastQuerier", Types.Bool,
        "Asks the ports which multicast they want, where no router on the network asks.")
    { Default = false };

    public static readonly Field MulticastQueryInterval = new("multicastQueryInterval", Types.Duration(Second, uint.MaxValue * ClockTick),
        "Time between two questions of the multicast querier.")
    { Default = 125 * Second };

    public static readonly Field MulticastIgmpVersion = new("multicastIgmpVersion", Types.Integer(2, 3),
        "The version of IGMP that the querier speaks (IPv4).")
    { Default = 2 };

    public static readonly Field MulticastMldVersion = new("multicastMldVersion", Types.Integer(1, 2),
        "The version of MLD that the querier speaks (IPv6).")
    { Default = 1 };

    public static readonly Field VlanDefaultPvid = new("vlanDefaultPvid", Types.Integer(0, 4094),
        "The VLAN that a new port, and the bridge itself, carry untagged; 0 for none.")
    { Default = BridgeVlan.Default };

    public static readonly Field VlanFiltering = new("vlanFiltering", Types.Bool,
        "Forwards by VLAN; needs a kernel with CONFIG_BRIDGE_VLAN_FILTERING.")
    { Default = false };

    public static readonly Field GroupForwardMask = new("groupForwardMask", Types.Integer(0, 65535),
        "Bit N forwards frames to 01:80:C2:00:00:0N, which a bridge otherwise keeps. Bits 0 to 2 cannot be set.")
    { Default = 0 };

    public static readonly Field VlanId = new("id", Types.Range(1, 4094), "A VLAN or a range of them.") { Required = true };

    public static readonly Field Pvid = new("pvid", Types.Bool, "Untagged frames that come in belong to it.") { Default = false };

    public static readonly Field Untagged = new("untagged", Types.Bool, "Frames leave without their tag.") { Default = false };

    public static readonly Field PortLink = new("link", Types.LinkName, "A link that exists; it becomes a port.") { Required = true };

    public static readonly Field Hairpin = new("hairpin", Types.Bool, "Sends frames back out of the port they came in by.") { Default = false };

    public static readonly Field Isolated = new("isolated", Types.Bool, "Never forwards to another isolated port.") { Default = false };

    public static readonly Field Cost = new("cost", Types.Integer(1, 65535), "STP path cost.")
    {
        DefaultDoc = "from the link's speed; not compared",
    };

    public static readonly Field PortPriority = new("priority", Types.Integer(0, 63), "STP port priority; lower wins.") { Default = 32 };

    public static readonly Field Vlans = new("vlans",
        new ListType(new ObjectType([VlanId, Pvid, Untagged]), static item => ((ObjectValue)item)["id"]?.ToString() ?? "", "id"),
        "The VLANs that the port carries, and no others.")
    {
        DefaultDoc = "what the kernel gives a new port; not compared",
    };

    public static readonly Field Ports = new("ports",
        new ListType(
            new ObjectType([PortLink, Hairpin, Isolated, Cost, PortPriority, Vlans]),
            static item => ((ObjectValue)item)["link"]?.ToString() ?? "",
            "link"),
        "Links adopted as ports. Ports that other Provision resources put on the bridge need not be listed.")
    { Default = ListValue.Empty };

    private static string Key(Value item) => item.ToString() ?? "";
}
