using System.Runtime.InteropServices;

namespace Provision.Kernel.Netlink;

/// <summary>RTM_NEWLINK and RTM_DELLINK messages to <see cref="Link"/>.</summary>
internal static class LinkParser
{
    private const int HeaderLength = 16; // struct ifinfomsg

    /// <summary>The family (0, or 7 for AF_BRIDGE's own view of ports) and the link; false for bytes that are no link.</summary>
    public static bool TryParse(ReadOnlySpan<byte> payload, out byte family, out Link link)
    {
        family = 0;
        link = null!;
        if (payload.Length < HeaderLength)
            return false;
        family = payload[0];
        var flags = MemoryMarshal.Read<uint>(payload[8..]);
        var parsed = new Link(MemoryMarshal.Read<int>(payload[4..]), "", 0, null, null, 0, null, (flags & LinkAttribute.Up) != 0, 0)
        {
            Type = MemoryMarshal.Read<ushort>(payload[2..]),
            Flags = flags,
        };
        var attributes = new NetlinkAttributes(payload[HeaderLength..]);
        while (attributes.TryNext(out var attribute))
            parsed = With(parsed, attribute);
        link = parsed;
        return parsed.Index > 0 && parsed.Name.Length > 0;
    }

    /// <summary>The colon form of a hardware address; null for none.</summary>
    internal static string? Mac(ReadOnlySpan<byte> bytes) =>
        bytes.IsEmpty ? null : string.Join(':', Convert.ToHexStringLower(bytes).Chunk(2).Select(static pair => new string(pair)));

    private static Link With(Link link, NetlinkAttribute attribute) => attribute.Type switch
    {
        LinkAttribute.Name => link with { Name = attribute.Text },
        LinkAttribute.Alias when attribute.Text.Length > 0 => link with { Alias = attribute.Text },
        LinkAttribute.Group => link with { Group = attribute.U32 ?? 0 },
        LinkAttribute.Mtu => link with { Mtu = (int)(attribute.U32 ?? 0) },
        LinkAttribute.MinMtu => link with { MinMtu = attribute.U32 },
        LinkAttribute.MaxMtu => link with { MaxMtu = attribute.U32 },
        LinkAttribute.Address => link with { Mac = Mac(attribute.Payload) },
        LinkAttribute.PermanentAddress => link with { PermanentMac = Mac(attribute.Payload) },
        LinkAttribute.Master => link with { Master = (int)(attribute.U32 ?? 0) },
        LinkAttribute.Link => link with { Parent = (int)(attribute.U32 ?? 0) },
        LinkAttribute.LinkNetns => link with { ParentNamespace = (int?)attribute.U32 ?? Link.UnknownNamespace },
        LinkAttribute.LinkInfo => WithInfo(link, attribute.Nested),
        _ => link,
    };

    private static Link WithInfo(Link link, NetlinkAttributes info)
    {
        // The kernel writes each kind before its data, so one walk is enough.
        while (info.TryNext(out var attribute))
            link = attribute.Type switch
            {
                LinkAttribute.InfoKind => link with { Kind = attribute.Text, Bridge = attribute.Text == "bridge" ? new BridgeState() : null },
                LinkAttribute.InfoData when link.Bridge is { } bridge => link with { Bridge = BridgeOf(bridge, attribute.Nested) },
                LinkAttribute.InfoSlaveKind => link with { MasterKind = attribute.Text, Port = attribute.Text == "bridge" ? new PortState() : null },
                LinkAttribute.InfoSlaveData when link.Port is { } port => link with { Port = PortOf(port, attribute.Nested) },
                _ => link,
            };
        return link;
    }

    private static BridgeState BridgeOf(BridgeState state, NetlinkAttributes data)
    {
        while (data.TryNext(out var attribute))
            state = attribute.Type switch
            {
                (ushort)BridgeAttribute.ForwardDelay => state with { ForwardDelay = attribute.U32 },
                (ushort)BridgeAttribute.HelloTime => state with { HelloTime = attribute.U32 },
                (ushort)BridgeAttribute.MaxAge => state with { MaxAge = attribute.U32 },
                (ushort)BridgeAttribute.AgeingTime => state with { AgeingTime = attribute.U32 },
                (ushort)BridgeAttribute.StpState => state with { StpState = attribute.U32 },
                (ushort)BridgeAttribute.Priority => state with { Priority = attribute.U16 },
                (ushort)BridgeAttribute.VlanFiltering => state with { VlanFiltering = attribute.U8 },
                BridgeAttributes.VlanProtocol => state with { VlanProtocol = attribute.U16 },
                (ushort)BridgeAttribute.GroupForwardMask => state with { GroupForwardMask = attribute.U16 },
                (ushort)BridgeAttribute.MulticastSnooping => state with { MulticastSnooping = attribute.U8 },
                (ushort)BridgeAttribute.MulticastQuerier => state with { MulticastQuerier = attribute.U8 },
                (ushort)BridgeAttribute.MulticastQueryInterval => state with { MulticastQueryInterval = Narrow(attribute.U64) },
                (ushort)BridgeAttribute.MulticastIgmpVersion => state with { MulticastIgmpVersion = attribute.U8 },
                (ushort)BridgeAttribute.MulticastMldVersion => state with { MulticastMldVersion = attribute.U8 },
                (ushort)BridgeAttribute.VlanDefaultPvid => state with { VlanDefaultPvid = attribute.U16 },
                BridgeAttributes.CallIptables or BridgeAttributes.CallIp6tables or BridgeAttributes.CallArptables =>
                    state with { CallsNetfilter = state.CallsNetfilter || attribute.U8 > 0 },
                _ => state,
            };
        return state;
    }

    private static uint? Narrow(ulong? value) => value is { } wide ? (uint)Math.Min(wide, uint.MaxValue) : null;

    private static PortState PortOf(PortState state, NetlinkAttributes data)
    {
        while (data.TryNext(out var attribute))
            state = attribute.Type switch
            {
                (ushort)PortAttribute.Cost => state with { Cost = attribute.U32 },
                (ushort)PortAttribute.Priority => state with { Priority = attribute.U16 },
                (ushort)PortAttribute.Hairpin => state with { Hairpin = attribute.U8 },
                (ushort)PortAttribute.Isolated => state with { Isolated = attribute.U8 },
                _ => state,
            };
        return state;
    }
}
