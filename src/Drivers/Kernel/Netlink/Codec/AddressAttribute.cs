namespace Provision.Kernel.Netlink;

/// <summary>IFA_* of linux/if_addr.h.</summary>
internal static class AddressAttribute
{
    public const ushort Address = 1;
    public const ushort Local = 2;
    public const ushort Label = 3;
    public const ushort Broadcast = 4;
    public const ushort Flags = 8;
    public const ushort Protocol = 11;

    /// <summary>A value of <see cref="Flags"/>: in use at once, without a search for duplicates.</summary>
    public const uint NoDuplicateSearch = 0x02; // IFA_F_NODAD
}
