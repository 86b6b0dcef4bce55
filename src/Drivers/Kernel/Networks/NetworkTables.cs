using Provision.Kernel.Netlink;

namespace Provision.Kernel.Networks;

/// <summary>What rtnetlink shows of one network namespace.</summary>
internal sealed record NetworkTables(LinkTable Links, AddressTable Addresses, IReadOnlyList<Route> Routes)
{
    /// <summary>More links, addresses or routes than this in a container are refused: it may be its own root's doing.</summary>
    public const int Limit = 16_384;

    /// <exception cref="Reconciler.KernelException">The kernel refuses, or there is too much.</exception>
    public static NetworkTables Read(RtnetlinkReader reader) => new(reader.ReadLinks(), reader.ReadAddresses(), reader.ReadRoutes());

    /// <summary>The addresses of a link but those the kernel makes by itself.</summary>
    public IEnumerable<Address> AddressesOf(int link) => Addresses.Of(link).Where(static a => !a.IsAutomatic);

    /// <summary>The routes that use a link but those the kernel makes by itself.</summary>
    public IEnumerable<Route> RoutesOf(int link) => Routes.Where(r => r.Uses(link) && !IsKernels(r));

    /// <summary>
    /// True for what the kernel adds by itself: the local table, the networks of a link's addresses, link-local and
    /// multicast, and what routers advertise. Its protocol number alone does not tell, anybody can write that.
    /// </summary>
    public bool IsKernels(Route route)
    {
        if (route.IsIPv6 && route.Protocol == Route.RouterAdvertisementProtocol)
            return true;
        if (route.Protocol != Route.KernelProtocol || route.Gateway is not null || !route.Hops.IsEmpty)
            return false;
        return route.Table == Route.LocalTable || IsMulticastOrLinkLocal(route) || Addresses.Of(route.Link).Any(a => NetworkOf(a) == new Prefix(route.Destination, route.PrefixLength));
    }

    private static bool IsMulticastOrLinkLocal(Route route) => route.IsIPv6
        && ((route.Destination.IsIPv6LinkLocal && route.PrefixLength == 64) || (route.Destination.IsIPv6Multicast && route.PrefixLength == 8));

    private static Prefix NetworkOf(Address address) => new Prefix(address.Peer ?? address.Local, address.PrefixLength).Network;
}
