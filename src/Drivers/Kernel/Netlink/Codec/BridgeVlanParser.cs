using System.Runtime.InteropServices;

namespace Provision.Kernel.Netlink;

/// <summary>The VLANs in an AF_BRIDGE RTM_NEWLINK message: IFLA_AF_SPEC with one struct bridge_vlan_info each, ranges as two.</summary>
internal static class BridgeVlanParser
{
    public const ushort Pvid = 1 << 1;
    public const ushort Untagged = 1 << 2;
    public const ushort RangeBegin = 1 << 3;
    public const ushort RangeEnd = 1 << 4;

    private const int HeaderLength = 16; // struct ifinfomsg
    private const int MaxId = 4094;

    /// <summary>The link's index and its VLANs in ascending order, neighbours with the same flags joined.</summary>
    public static bool TryParse(ReadOnlySpan<byte> payload, out int link, out IReadOnlyList<BridgeVlan> vlans)
    {
        link = 0;
        vlans = [];
        if (payload.Length < HeaderLength || payload[0] != Family.Bridge)
            return false;
        link = MemoryMarshal.Read<int>(payload[4..]);
        var found = new List<BridgeVlan>();
        var attributes = new NetlinkAttributes(payload[HeaderLength..]);
        while (attributes.TryNext(out var attribute))
            if (attribute.Type == LinkAttribute.AfSpec)
                Collect(attribute.Nested, found);
        vlans = BridgeVlans.Join(found);
        return true;
    }

    private static void Collect(NetlinkAttributes spec, List<BridgeVlan> found)
    {
        var begin = 0;
        while (spec.TryNext(out var attribute))
        {
            if (attribute.Type != LinkAttribute.BridgeVlanInfo || attribute.Payload.Length != 4)
                continue;
            var flags = MemoryMarshal.Read<ushort>(attribute.Payload);
            int id = MemoryMarshal.Read<ushort>(attribute.Payload[2..]);
            if (id is 0 or > MaxId)
                continue;
            if ((flags & RangeBegin) != 0)
            {
                begin = id;
                continue;
            }

            var first = (flags & RangeEnd) != 0 && begin > 0 && begin <= id ? begin : id;
            begin = 0;
            found.Add(new BridgeVlan(first, id, (flags & Pvid) != 0, (flags & Untagged) != 0));
        }
    }
}
