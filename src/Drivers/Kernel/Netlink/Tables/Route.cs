using System.Collections.Immutable;
using System.Net;

namespace Provision.Kernel.Netlink;

/// <summary>rtm_type of linux/rtnetlink.h.</summary>
public enum RouteType : byte
{
    Unspecified, Unicast, Local, Broadcast, Anycast, Multicast, Blackhole, Unreachable, Prohibit,
}

/// <summary>One way of a route that has several.</summary>
public sealed record RouteHop(int Link, IPAddress? Gateway);

/// <summary>One IPv4 or IPv6 route.</summary>
/// <param name="Family">AF_INET or AF_INET6.</param>
/// <param name="Destination">Any address of its family with a length of 0 for the default route.</param>
/// <param name="Gateway">Null for a network that is reached without one, and where there are <see cref="Hops"/>.</param>
/// <param name="Link">The index of the link it leads through; 0 for none and where there are <see cref="Hops"/>.</param>
public sealed record Route(byte Family, IPAddress Destination, byte PrefixLength, IPAddress? Gateway, int Link)
{
    public const uint MainTable = 254;
    public const uint LocalTable = 255;
    public const byte KernelProtocol = 2; // RTPROT_KERNEL
    public const byte RouterAdvertisementProtocol = 9; // RTPROT_RA

    /// <summary>rtm_protocol of what Provision adds: the number that it uses for addresses as well.</summary>
    public const byte Provision = Address.Provision;

    private const uint DefaultMetricV6 = 1024; // IP6_RT_PRIO_USER

    public uint Table { get; init; } = MainTable;

    public byte Protocol { get; init; }

    /// <summary>0 universe, 253 link, 254 host; always 0 for IPv6.</summary>
    public byte Scope { get; init; }

    public RouteType Type { get; init; } = RouteType.Unicast;

    /// <summary>RTA_PRIORITY; 0 and 1024 are the defaults of IPv4 and IPv6.</summary>
    public uint Metric { get; init; }

    /// <summary>RTM_F_* and RTNH_F_*.</summary>
    public uint Flags { get; init; }

    public byte ServiceType { get; init; }

    /// <summary>True when it holds for some source addresses only.</summary>
    public bool HasSource { get; init; }

    public IPAddress? PreferredSource { get; init; }

    /// <summary>RTA_PREF, IPv6: 0 is medium.</summary>
    public byte Preference { get; init; }

    /// <summary>True with RTA_METRICS: an MTU, a window and the like of its own.</summary>
    public bool HasMetrics { get; init; }

    /// <summary>The number of the nexthop object that it uses; 0 for none.</summary>
    public uint NextHopObject { get; init; }

    /// <summary>The ways of a multipath route; empty for others.</summary>
    public ImmutableArray<RouteHop> Hops { get; init; } = [];

    public bool IsIPv6 => Family == Netlink.Family.IPv6;

    /// <summary>An entry of the kernel's cache and no route of its own.</summary>
    public bool IsCached => (Flags & RouteAttribute.Cloned) != 0;

    public uint DefaultMetric => IsIPv6 ? DefaultMetricV6 : 0;

    /// <summary>True for a route as <see cref="RouteAdd"/> makes it, whoever made it: a network, a gateway, and nothing more.</summary>
    public bool IsPlain => Gateway is not null && Extras.Length == 0;

    /// <summary><c>default</c>, or the network in CIDR notation.</summary>
    public string To => PrefixLength == 0 ? "default" : $"{Address.Format(Destination)}/{PrefixLength}";

    /// <summary>The gateway and, where the route is not plain, what else there is to it, in the words of ip-route(8).</summary>
    public string Via => $"{(Gateway is null ? "" : Address.Format(Gateway))}{Extras}".TrimStart();

    /// <summary>True when it leads through the link with this index, maybe among others.</summary>
    public bool Uses(int link) => (Link == link && link != 0) || Hops.Any(h => h.Link == link);

    private string Extras => string.Concat(
    [
        .. Words(Type != RouteType.Unicast, $"type {Type.ToString().ToLowerInvariant()}"),
        .. Words(Hops.Length > 0, string.Join(' ', Hops.Select(static h => $"nexthop {(h.Gateway is null ? $"link {h.Link}" : Address.Format(h.Gateway))}"))),
        .. Words(Gateway is null && Hops.IsEmpty && Type == RouteType.Unicast, "scope link"),
        .. Words(Table != MainTable, $"table {Table}"),
        .. Words(Metric != DefaultMetric, $"metric {Metric}"),
        .. Words(ServiceType != 0, $"tos {ServiceType}"),
        .. Words(HasSource, "from some"),
        .. Words(PreferredSource is not null, $"src {PreferredSource}"),
        .. Words((Flags & RouteAttribute.OnLink) != 0, "onlink"),
        .. Words(Preference != 0, $"pref {Preference}"),
        .. Words(HasMetrics, "with metrics"),
        .. Words(NextHopObject != 0, $"nhid {NextHopObject}"),
    ]);

    private static IEnumerable<string> Words(bool when, string words) => when ? [" " + words] : [];
}
