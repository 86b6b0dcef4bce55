namespace Provision.Kernel.Netlink;

/// <summary>The one way to write a set of VLANs.</summary>
public static class BridgeVlans
{
    /// <summary>Ascending, and neighbours with the same flags joined; what overlaps keeps the later flags.</summary>
    public static IReadOnlyList<BridgeVlan> Join(IEnumerable<BridgeVlan> vlans)
    {
        var byId = new SortedDictionary<int, BridgeVlan>();
        foreach (var range in vlans)
            for (var id = range.First; id <= range.Last; id++)
                byId[id] = range with { First = id, Last = id };
        var joined = new List<BridgeVlan>();
        foreach (var vlan in byId.Values)
            if (joined is [.., var last] && last.Last + 1 == vlan.First && !last.Pvid && last with { First = 0, Last = 0 } == vlan with { First = 0, Last = 0 })
                joined[^1] = last with { Last = vlan.Last };
            else
                joined.Add(vlan);
        return joined;
    }
}
