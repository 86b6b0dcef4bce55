using Provision.Kernel.Netlink;
using Provision.Spec;

namespace Provision.Drivers.Bridge;

/// <summary>A bridge as read: what the planner needs besides the values that are compared.</summary>
/// <param name="Addresses">Without those that the kernel makes by itself.</param>
/// <param name="Ports">Declared ones and foreign extras.</param>
internal sealed record LiveBridge(Link Link, IReadOnlyList<Address> Addresses, IReadOnlyList<Link> Ports, BridgeVlanTable Vlans)
{
    /// <summary>Declared addresses that are there in a way nobody declared (deprecated, for a time only): as good as absent.</summary>
    public IReadOnlyList<Address> Spoilt { get; init; } = [];

    /// <summary>Declared addresses that another on the network has, as the kernel found; to add them again is to ask again.</summary>
    public IEnumerable<string> InUse => Spoilt.Where(static a => a.IsDuplicate).Select(static a => a.Text);
}

/// <summary>What rtnetlink shows of a bridge, in the shape of the manifest.</summary>
internal static class BridgeState
{
    public static ObjectValue Read(LiveBridge live)
    {
        var state = ObjectValue.Empty
            .With(BridgeFields.LinkName, live.Link.Name)
            .With(BridgeFields.Up, live.Link.Up)
            .With(BridgeFields.Mtu, (long)live.Link.Mtu)
            .With(BridgeFields.Mac, live.Link.Mac is { } mac ? new TextValue(mac) : null)
            .With(BridgeFields.Addresses, Sorted(live.Addresses.Except(live.Spoilt).Select(static a => a.Text).Distinct().Select(static t => (Value)t)));
        if (live.Link.Bridge is { } bridge)
            state = WithSettings(state, bridge)
                .With(BridgeFields.Ports, Sorted(live.Ports.Where(static p => p.Port is not null).Select(p => Port(p, live.Vlans))));
        return state;
    }

    /// <summary>Settings that this kernel's bridge does not show.</summary>
    public static IReadOnlyDictionary<string, string> Unreadable(LiveBridge live)
    {
        var unread = new Dictionary<string, string>();
        if (live.Link.Bridge is { } bridge)
        {
            // Compiled in or out together (CONFIG_BRIDGE_IGMP_SNOOPING, CONFIG_BRIDGE_VLAN_FILTERING), MLD with IPv6.
            const string snooping = "this kernel's bridge has no multicast snooping", vlans = "this kernel's bridge has no VLAN filtering";
            Absent(bridge.MulticastSnooping is null, BridgeFields.MulticastSnooping, snooping);
            Absent(bridge.MulticastQuerier is null, BridgeFields.MulticastQuerier, snooping);
            Absent(bridge.MulticastQueryInterval is null, BridgeFields.MulticastQueryInterval, snooping);
            Absent(bridge.MulticastIgmpVersion is null, BridgeFields.MulticastIgmpVersion, snooping);
            Absent(bridge.MulticastMldVersion is null, BridgeFields.MulticastMldVersion, snooping);
            Absent(bridge.VlanFiltering is null, BridgeFields.VlanFiltering, vlans);
            Absent(bridge.VlanDefaultPvid is null, BridgeFields.VlanDefaultPvid, vlans);
        }

        return unread;

        void Absent(bool absent, Field field, string why)
        {
            if (absent)
                unread[field.Path] = why;
        }
    }

    private static ObjectValue WithSettings(ObjectValue state, Kernel.Netlink.BridgeState bridge) => state
        .With(BridgeFields.StpEnabled, bridge.StpState is { } stp ? (Value)(stp != 0) : null)
        .With(BridgeFields.StpPriority, Number(bridge.Priority))
        .With(BridgeFields.ForwardDelay, Time(bridge.ForwardDelay))
        .With(BridgeFields.HelloTime, Time(bridge.HelloTime))
        .With(BridgeFields.MaxAge, Time(bridge.MaxAge))
        .With(BridgeFields.AgeingTime, Time(bridge.AgeingTime))
        .With(BridgeFields.MulticastSnooping, Flag(bridge.MulticastSnooping))
        .With(BridgeFields.MulticastQuerier, Flag(bridge.MulticastQuerier))
        .With(BridgeFields.MulticastQueryInterval, Time(bridge.MulticastQueryInterval))
        .With(BridgeFields.MulticastIgmpVersion, Number(bridge.MulticastIgmpVersion))
        .With(BridgeFields.MulticastMldVersion, Number(bridge.MulticastMldVersion))
        .With(BridgeFields.VlanFiltering, Flag(bridge.VlanFiltering))
        .With(BridgeFields.VlanDefaultPvid, Number(bridge.VlanDefaultPvid))
        .With(BridgeFields.GroupForwardMask, Number(bridge.GroupForwardMask));

    private static Value Port(Link link, BridgeVlanTable vlans)
    {
        var port = link.Port!;
        var item = ObjectValue.Empty
            .With(BridgeFields.PortLink, link.Name)
            .With(BridgeFields.Hairpin, Flag(port.Hairpin))
            .With(BridgeFields.Isolated, Flag(port.Isolated))
            .With(BridgeFields.Cost, Number(port.Cost))
            .With(BridgeFields.PortPriority, Number(port.Priority));
        return ReferenceEquals(vlans, BridgeTables.Nothing.Vlans) ? item : item.With(BridgeFields.Vlans, BridgeVlanValues.Write(vlans.Of(link.Index)));
    }

    private static ListValue Sorted(IEnumerable<Value> items) =>
        new([.. items.OrderBy(static i => i is ObjectValue o ? o.Text(BridgeFields.PortLink) : i.ToString(), StringComparer.Ordinal)]);

    private static Value? Number(uint? number) => number is { } n ? new NumberValue(n) : null;

    private static Value? Time(uint? clock) => clock is { } c ? new NumberValue(ClockTicks.FromClock(c)) : null;

    private static Value? Flag(byte? flag) => flag is { } f ? (Value)(f != 0) : null;
}
