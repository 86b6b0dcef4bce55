using System.Net;
using Provision.Spec;

namespace Provision.Kernel.Netlink;

/// <summary>One IPv4 or IPv6 address of a link.</summary>
/// <param name="Local">The address itself.</param>
/// <param name="PrefixLength">0–32 or 0–128.</param>
/// <param name="Peer">The far end of a point-to-point address; null when it is none.</param>
/// <param name="Protocol">IFA_PROTO: who made it (1 lo, 2 router advertisement, 3 link-local); 0 where unset or unknown to the kernel.</param>
/// <param name="Scope">rtm_scope: 0 global, 253 link, 254 host.</param>
/// <param name="Flags">IFA_F_* of linux/if_addr.h.</param>
/// <param name="Label">IPv4 only.</param>
public sealed record Address(
    int Link, IPAddress Local, byte PrefixLength, IPAddress? Peer, byte Protocol, byte Scope, uint Flags, string? Label)
{
    private const uint SecondaryFlag = 0x01;
    private const uint TemporaryFlag = 0x01; // the same bit, for IPv6
    private const uint DuplicateFlag = 0x08; // IFA_F_DADFAILED
    private const uint DeprecatedFlag = 0x20;
    private const uint PermanentFlag = 0x80;
    private const uint NoPrefixRouteFlag = 0x200;
    private const byte KernelRouterAdvertisement = 2;
    private const byte KernelLinkLocal = 3;

    /// <summary>The protocol number in IFA_PROTO of what Provision adds; iproute2 has no name for it.</summary>
    public const byte Provision = 80;

    public bool IsIPv6 => Local.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;

    /// <summary>An IPv4 address that goes when the primary of its subnet goes.</summary>
    public bool IsSecondary => !IsIPv6 && (Flags & SecondaryFlag) != 0;

    /// <summary>Without a lifetime.</summary>
    public bool IsPermanent => (Flags & PermanentFlag) != 0;

    /// <summary>
    /// Made by the kernel by itself: the link-local of a link with carrier, a router's advertisement, or a temporary one
    /// made from that. Kernels before 5.18 do not say, so there every link-local /64 counts.
    /// </summary>
    public bool IsAutomatic => IsIPv6 && (Protocol is KernelRouterAdvertisement or KernelLinkLocal
        || (Protocol == 0 && !IsPermanent && (Flags & TemporaryFlag) != 0)
        || (Protocol == 0 && !TellsProtocol && ((Local.IsIPv6LinkLocal && PrefixLength == 64) || !IsPermanent)));

    /// <summary>True where the kernel tells <see cref="Protocol"/>: 0 is then one of unknown origin, and not the kernel's.</summary>
    public bool TellsProtocol { get; init; }

    /// <summary>
    /// True for an address as <see cref="AddressAdd"/> makes it: for good, used for new connections, with the route of
    /// its subnet, without a duplicate on the network, and global (IPv6 has the scope that its bits say).
    /// </summary>
    public bool IsPlain => IsPermanent && (Flags & (DuplicateFlag | DeprecatedFlag | NoPrefixRouteFlag)) == 0 && (IsIPv6 || Scope == 0);

    /// <summary>Not used, because the kernel found that another on the network has it (RFC 4862, duplicate address detection).</summary>
    public bool IsDuplicate => IsIPv6 && (Flags & DuplicateFlag) != 0;

    /// <summary><c>10.88.0.1/24</c>, IPv6 as RFC 5952 wants it; a peer follows where there is one.</summary>
    public string Text => Peer is null ? $"{Format(Local)}/{PrefixLength}" : $"{Format(Local)} peer {Format(Peer)}/{PrefixLength}";

    /// <summary>The one text of an address, as manifests have it.</summary>
    internal static string Format(IPAddress address) => IpText.Format(address.GetAddressBytes());
}
