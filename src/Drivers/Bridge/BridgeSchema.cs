using Provision.Spec;

namespace Provision.Drivers.Bridge;

/// <summary>The declaration of the kind Bridge.</summary>
public static class BridgeSchema
{
    public const string Kind = "Bridge";

    public static KindSchema Schema { get; } = new(
        Kind,
        "A Linux bridge: a link that forwards between its ports, with the host's own addresses on it.",
        [
            BridgeFields.LinkName,
            BridgeFields.Addresses,
            BridgeFields.Up,
            BridgeFields.Mtu,
            BridgeFields.Mac,
            BridgeFields.Stp,
            BridgeFields.AgeingTime,
            BridgeFields.MulticastSnooping,
            BridgeFields.MulticastQuerier,
            BridgeFields.MulticastQueryInterval,
            BridgeFields.MulticastIgmpVersion,
            BridgeFields.MulticastMldVersion,
            BridgeFields.VlanFiltering,
            BridgeFields.VlanDefaultPvid,
            BridgeFields.GroupForwardMask,
            BridgeFields.Ports,
        ])
    {
        Check = BridgeCheck.Check,
        Columns = ["addresses", "mtu", "up", "ports"],
        Example = """
            apiVersion: provision/v1
            kind: Bridge
            metadata: {name: web0}
            spec:
              addresses: [10.88.0.1/24, "fd00:88::1/64"]
              mtu: 1500
              macAddress: 02:00:00:88:00:01
              stp: {enabled: true, forwardDelay: 4s}
              ageingTime: 120s
            """,
    };
}
