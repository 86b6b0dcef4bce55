using System.Collections.Immutable;
using Provision.Kernel.Netlink;
using Provision.Kernel.Sandbox;

namespace Provision.Kernel.Networks;

/// <summary>One interface inside a container, without what the kernel adds by itself.</summary>
/// <param name="Mac">Lower case with colons.</param>
/// <param name="Mtu">Bytes, of the end inside.</param>
/// <param name="Up">IFF_UP.</param>
/// <param name="Bridge">What its host end is a port of; null when it has none there, or is no port of a bridge.</param>
/// <param name="HostEnd">The host's link at the other end of the pair; null when it has none there.</param>
/// <param name="Addresses">In CIDR notation, sorted; one that is not as it would be added has a word more, so that it is no
/// address anybody declared.</param>
/// <param name="Routes">Through it, sorted; what a route has beyond a network and a gateway stands behind its gateway.</param>
public sealed record InterfaceState(
    string Name, int Index, string? Kind, string? Mac, int Mtu, bool Up, string? Bridge, string? HostEnd,
    ImmutableArray<string> Addresses, ImmutableArray<RouteSpec> Routes)
{
    /// <summary>Bytes, of the host's end; null when it has none there.</summary>
    public int? HostMtu { get; init; }

    /// <summary>The index of what <see cref="Bridge"/> names.</summary>
    public int? BridgeIndex { get; init; }
}

/// <summary>The network of a container: its links but lo, by name.</summary>
/// <param name="OtherRoutes">Those that use none of the links (blackholes, through lo), in words.</param>
public sealed record NetworkState(ImmutableSortedDictionary<string, InterfaceState> Interfaces, ImmutableArray<string> OtherRoutes)
{
    public const string Loopback = "lo";

    private static readonly string[] LoopbacksOwn = ["127.0.0.1/8", "::1/128"];

    /// <summary>Addresses of lo besides its own, in CIDR notation.</summary>
    public ImmutableArray<string> LoopbackAddresses { get; init; } = [];

    /// <param name="host">Links of the host's namespace, at least the host ends and their masters.</param>
    /// <param name="id">What the host's namespace calls this one.</param>
    internal static NetworkState Of(NetworkTables tables, LinkTable host, int id)
    {
        var ends = new Dictionary<int, Link>();
        // Asked from the host's side only: a container can make a link that claims any index as its other end.
        foreach (var end in host.Links.Where(l => l.Kind == "veth" && id != Link.UnknownNamespace && l.ParentNamespace == id))
            ends[end.Parent] = end;
        var links = tables.Links.Links.Where(static l => l.Name != Loopback).ToList();
        return new NetworkState(
            links.ToImmutableSortedDictionary(static l => l.Name, l => Interface(tables, l, ends.GetValueOrDefault(l.Index), host), StringComparer.Ordinal),
            [.. Others(tables).Select(static r => $"{r.To} {r.Via}").Order(StringComparer.Ordinal)])
        {
            LoopbackAddresses = tables.Links.Find(Loopback) is { } lo ? [.. Foreign(tables, lo).Select(static a => a.Text).Order(StringComparer.Ordinal)] : [],
        };
    }

    /// <summary>What lo has besides its own addresses.</summary>
    internal static IEnumerable<Address> Foreign(NetworkTables tables, Link loopback) =>
        tables.AddressesOf(loopback.Index).Where(static a => !LoopbacksOwn.Contains(a.Text));

    /// <summary>Routes that use none of the links but lo, without the kernel's own.</summary>
    internal static IEnumerable<Route> Others(NetworkTables tables) =>
        tables.Routes.Where(r => !tables.Links.Links.Any(l => l.Name != Loopback && r.Uses(l.Index)) && !tables.IsKernels(r));

    private static InterfaceState Interface(NetworkTables tables, Link link, Link? end, LinkTable host) => new(
        link.Name, link.Index, link.Kind, link.Mac, link.Mtu, link.Up,
        end is { Master: > 0 } && host.Find(end.Master) is { IsBridge: true } bridge ? bridge.Name : null,
        end?.Name,
        [.. tables.AddressesOf(link.Index).Select(static a => a.IsPlain ? a.Text : $"{a.Text} {Blemish(a)}").Order(StringComparer.Ordinal)],
        [.. tables.RoutesOf(link.Index).Select(static r => new RouteSpec(r.To, r.Via)).OrderBy(static r => r.To, StringComparer.Ordinal).ThenBy(static r => r.Via, StringComparer.Ordinal)])
    {
        HostMtu = end?.Mtu,
        BridgeIndex = end is { Master: > 0 } ? end.Master : null,
    };

    private static string Blemish(Address address) => address.IsPermanent ? $"flags 0x{address.Flags:x} scope {address.Scope}" : "temporary";
}
