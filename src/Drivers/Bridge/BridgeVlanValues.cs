using Provision.Kernel.Netlink;
using Provision.Spec;

namespace Provision.Drivers.Bridge;

/// <summary>VLANs of a port between their manifest form and the kernel's.</summary>
internal static class BridgeVlanValues
{
    public static IReadOnlyList<BridgeVlan> Read(IEnumerable<Value> items) => [.. items.OfType<ObjectValue>().Select(Read)];

    public static BridgeVlan Read(ObjectValue item)
    {
        var ids = IntRange.Parse(item.Text(BridgeFields.VlanId)!);
        return new BridgeVlan(
            (int)ids.First, (int)ids.Last, item.Flag(BridgeFields.Pvid) == true, item.Flag(BridgeFields.Untagged) == true);
    }

    /// <summary>The kernel joins neighbours with the same flags, so both sides are compared joined.</summary>
    public static ListValue Write(IEnumerable<BridgeVlan> vlans) => new(
        [.. BridgeVlans.Join(vlans)
            .OrderBy(static v => v.Ids, StringComparer.Ordinal)
            .Select(static v => (Value)ObjectValue.Empty
                .With(BridgeFields.VlanId, v.Ids)
                .With(BridgeFields.Pvid, v.Pvid)
                .With(BridgeFields.Untagged, v.Untagged))]);
}
