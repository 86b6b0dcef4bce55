namespace Provision.Kernel.Netlink;

/// <summary>
/// Which IFLA_GROUP numbers are Provision's: 0x50 in the top byte for the links of an instance, 0x51 with the same rest
/// for those of them that are being removed.
/// </summary>
public static class LinkGroups
{
    private const uint Instance = 0x5000_0000; // AliasMark.Group
    private const uint Doomed = 0x5100_0000;
    private const uint Mask = 0xFF00_0000;

    /// <summary>True for a link that some instance of Provision made.</summary>
    public static bool IsProvision(uint group) => (group & Mask) is Instance or Doomed;

    /// <summary>True for a link that the instance with this group made.</summary>
    public static bool IsOf(uint group, uint instance) => IsProvision(group) && (group & ~Mask) == (instance & ~Mask);

    /// <summary>Where links of an instance's group go to be removed; null for groups that may hold anything.</summary>
    public static uint? DoomedOf(uint group) => IsProvision(group) ? (group & ~Mask) | Doomed : null;
}
