using System.Net;
using System.Text;
using Provision.Kernel.Netlink;
using Provision.Spec;

namespace Provision.Drivers.Bridge;

/// <summary>What can be wrong with a Bridge by itself and beside the others, without looking at the host.</summary>
internal static class BridgeCheck
{
    private const int SmallestIPv6Mtu = 1280;
    private const long Second = 1_000_000;
    private const long RestrictedBits = 7;

    public static void Check(Resource resource, ResourceSet set, DiagnosticBag bag)
    {
        CheckName(resource, bag);
        CheckAddresses(resource, bag);
        CheckStp(resource, bag);
        CheckVlans(resource, bag);
        if (resource.Spec.Number(BridgeFields.GroupForwardMask) is { } mask && (mask & RestrictedBits) != 0)
            bag.Error(BridgeCodes.RestrictedGroup,
                $"{resource.Id}: the kernel refuses bits 0 to 2 of groupForwardMask (STP, pause frames, LACP must not cross a bridge)",
                resource.Source.At("groupForwardMask"), $"use {mask & ~RestrictedBits}");
        BridgeNeighbours.Check(resource, set, bag);
    }

    private static void CheckName(Resource resource, DiagnosticBag bag)
    {
        if (resource.Spec.Text(BridgeFields.LinkName) is null && Encoding.UTF8.GetByteCount(resource.Metadata.Name) > BridgeNames.MaxLength)
            bag.Error(BridgeCodes.NameTooLong,
                $"{resource.Id}: a link's name has at most {BridgeNames.MaxLength} bytes, {resource.Metadata.Name} has {resource.Metadata.Name.Length}",
                resource.Source.At("metadata.name"), "shorten it, or give the link another name with spec.linkName");
    }

    private static void CheckAddresses(Resource resource, DiagnosticBag bag)
    {
        var seen = new Dictionary<IPAddress, string>();
        foreach (var text in resource.Spec.List(BridgeFields.Addresses).Select(static v => v.ToString()!))
        {
            var span = resource.Source.At($"addresses[{text}]");
            var address = InterfaceAddress.Parse(text);
            if (Unusable(address.Address) is { } reason)
                bag.Error(BridgeCodes.NotALinkAddress, $"{resource.Id}: {text} is {reason}", span);
            if (!seen.TryAdd(address.Address, text))
                bag.Error(BridgeCodes.AddressTwice, $"{resource.Id} has the address {text} twice, also as {seen[address.Address]}", span);
        }

        if (resource.Spec.Number(BridgeFields.Mtu) is < SmallestIPv6Mtu and var mtu && seen.Keys.Any(static a => a.GetAddressBytes().Length == 16))
            bag.Error(BridgeCodes.MtuTooSmallForIPv6,
                $"{resource.Id}: with an mtu of {mtu} the kernel takes every IPv6 address away", resource.Source.At("mtu"), "IPv6 needs at least 1280");
    }

    // Unspecified and multicast addresses are refused by the field's type.
    private static string? Unusable(IPAddress address) =>
        address.Equals(IPAddress.IPv6Loopback) ? "the loopback address, which only lo can have"
        : address.Equals(IPAddress.Broadcast) ? "the broadcast address"
        : null;

    private static void CheckStp(Resource resource, DiagnosticBag bag)
    {
        if (resource.Spec.Flag(BridgeFields.StpEnabled) == true && resource.Spec.Number(BridgeFields.ForwardDelay) is < 2 * Second)
            bag.Error(BridgeCodes.ForwardDelay, $"{resource.Id}: while STP runs the kernel takes a forwardDelay from 2s to 30s",
                resource.Source.At("stp.forwardDelay"));
    }

    private static void CheckVlans(Resource resource, DiagnosticBag bag)
    {
        foreach (var port in resource.Spec.Objects(BridgeFields.Ports))
        {
            var path = $"ports[{port.Text(BridgeFields.PortLink)}].vlans";
            var vlans = BridgeVlanValues.Read(port.List(BridgeFields.Vlans));
            if (vlans.Count == 0)
                continue;
            if (resource.Spec.Flag(BridgeFields.VlanFiltering) != true && resource.Metadata.ManagementPolicy == ManagementPolicy.Manage)
                bag.Warn(BridgeCodes.VlansWithoutFiltering, $"{resource.Id}: VLANs have no effect without vlanFiltering: true", resource.Source.At(path));
            if (vlans.Count(static v => v.Pvid) > 1)
                bag.Error(BridgeCodes.Vlans, $"{resource.Id}: a port has one pvid", resource.Source.At(path));
            foreach (var vlan in vlans.Where(static v => v.Pvid && v.First != v.Last))
                bag.Error(BridgeCodes.Vlans, $"{resource.Id}: a pvid is one VLAN, not the range {vlan.Ids}", resource.Source.At($"{path}[{vlan.Ids}]"));
            CheckOverlap(resource, vlans, path, bag);
        }
    }

    private static void CheckOverlap(Resource resource, IReadOnlyList<BridgeVlan> vlans, string path, DiagnosticBag bag)
    {
        var ascending = vlans.OrderBy(static v => v.First).ToList();
        for (var i = 1; i < ascending.Count; i++)
            if (ascending[i].First <= ascending[i - 1].Last)
                bag.Error(BridgeCodes.Vlans, $"{resource.Id}: the VLANs {ascending[i - 1].Ids} and {ascending[i].Ids} overlap",
                    resource.Source.At($"{path}[{ascending[i].Ids}]"));
    }
}
