using Provision.Kernel.Netlink;

namespace Provision.Drivers.Bridge;

/// <summary>
/// Which links the kernel takes as bridge ports (br_add_if of net/bridge/br_if.c): Ethernet links whose frames nobody
/// else takes. Its refusals are a bare EINVAL or EBUSY, so the reason is found here, before the first write.
/// </summary>
internal static class BridgePortKinds
{
    private const uint Loopback = 8; // IFF_LOOPBACK
    private const ushort Ethernet = 1; // ARPHRD_ETHER

    /// <summary>Why this link cannot be a port; null when it can.</summary>
    public static string? Objection(Link link, LinkTable links)
    {
        if ((link.Flags & Loopback) != 0)
            return $"{link.Name} is a loopback link and cannot be a port";
        // Layer 3 in the guise of Ethernet, or frames that go elsewhere already.
        if (link.Kind is "bridge" or "ipvlan" or "ipvtap" or "vrf" or "macvtap")
            return $"{link.Name} is a {link.Kind} link and cannot be a port";
        if (link.Type != Ethernet)
            return $"{link.Name} is a {link.Kind ?? "physical"} link without Ethernet frames and cannot be a port";
        var takers = links.Links.Where(l => l.Parent == link.Index && !l.ParentIsElsewhere && l.Kind is ("macvlan" or "macvtap" or "ipvlan" or "ipvtap"))
            .Select(static l => $"{l.Name} ({l.Kind})").Order(StringComparer.Ordinal).ToList();
        return takers.Count == 0 ? null : $"{link.Name} cannot be a port while {string.Join(", ", takers)} on it takes its frames";
    }
}
