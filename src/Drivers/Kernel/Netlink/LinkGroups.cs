
namespace Provision.Kernel.Netlink;

/// <summary>
/// Which IFLA_GROUP numbers are Provision's: 0x50 in the top byte and an instance in the rest for the links of that
/// instance, 0x51 and a random rest for links that one bulk removal takes.
/// </summary>
public static class LinkGroups
{
    private const uint Instance = 0x5000_0000; // AliasMark.Group
    private const uint Doomed = 0x5100_0000;
    private const uint Mask = 0xFF00_0000;

    /// <summary>True for a link that some instance of Provision made.</summary>
    public static bool IsProvision(uint group) => (group & Mask) is Instance or Doomed;

    /// <summary>
    /// A group for one bulk removal, another at each call: what a removal that was cut short left in its group must
    /// not go with the next one.
    /// </summary>
    public static uint NewDoomed() => Doomed | (uint)Random.Shared.Next(1, 1 << 24);
}
