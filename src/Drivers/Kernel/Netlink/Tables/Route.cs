using System.Net;

namespace Provision.Kernel.Netlink;

/// <summary>A unicast route of the main table through one link.</summary>
/// <param name="Link">Index of the link.</param>
/// <param name="Destination">Null for the default route.</param>
/// <param name="Gateway">Null where the destination is on the link.</param>
/// <param name="Protocol">Who made it: 2 the kernel, 3 boot, 4 an administrator, 9 a router advertisement, 80 Provision.</param>
public sealed record Route(int Link, byte Family, IPAddress? Destination, byte PrefixLength, IPAddress? Gateway, byte Protocol)
{
    /// <summary>rtm_protocol of what Provision adds.</summary>
    public const byte Provision = 80;

    private const byte Kernel = 2, RouterAdvertisement = 9;

    /// <summary>Made by the kernel by itself: the subnet of an address, a router's advertisement.</summary>
    public bool IsAutomatic => Protocol is Kernel or RouterAdvertisement;

    /// <summary><c>10.0.0.0/8</c>, or <c>default</c>.</summary>
    public string To => Destination is null ? "default" : $"{Address.Format(Destination)}/{PrefixLength}";

    /// <summary>The gateway's text; empty where there is none.</summary>
    public string Via => Gateway is null ? "" : Address.Format(Gateway);
}
