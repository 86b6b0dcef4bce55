namespace Provision.Kernel.Netlink;

/// <summary>VLANs of a bridge port, first to last, with the same flags.</summary>
/// <param name="First">1–4094.</param>
/// <param name="Pvid">Untagged frames that come in belong to it; a single VLAN only.</param>
/// <param name="Untagged">Frames leave without their tag.</param>
public sealed record BridgeVlan(int First, int Last, bool Pvid, bool Untagged)
{
    /// <summary>vlan_default_pvid of a new bridge: what its new ports carry untagged.</summary>
    public const int Default = 1;

    public bool Has(int id) => First <= id && id <= Last;

    /// <summary><c>10</c> or <c>20-30</c>.</summary>
    public string Ids => First == Last ? $"{First}" : $"{First}-{Last}";

    public override string ToString() => $"{Ids}{(Pvid ? " pvid" : "")}{(Untagged ? " untagged" : "")}";
}

/// <summary>The VLANs of bridges and ports, by link index, in ascending order.</summary>
public sealed class BridgeVlanTable(IReadOnlyDictionary<int, IReadOnlyList<BridgeVlan>> byLink)
{
    public IReadOnlyList<BridgeVlan> Of(int index) => byLink.GetValueOrDefault(index) ?? [];
}
