using System.Net;
using System.Runtime.CompilerServices;
using Provision.Spec;
using static Provision.Drivers.Container.NetworkFields;

namespace Provision.Drivers.Container;

/// <summary>Links, addresses and routes of a container, by themselves and beside the others of the same bridge.</summary>
internal static class NetworkCheck
{
    private const int SmallestIPv6Mtu = 1280;

    private static readonly ConditionalWeakTable<ResourceSet, NetworkIndex> Indexes = [];

    public static void Check(ContainerProblems check, ResourceSet set)
    {
        var routes = new Dictionary<(string To, bool IPv6), string>();
        foreach (var network in check.Spec.Objects(Networks))
        {
            var name = network.Text(Interface)!;
            var path = $"{Networks.Path}[{name}]";
            if (name == "lo")
                check.Error(ContainerCodes.InterfaceName, $"{path}.interface", "lo is the loopback link, which every network namespace has");
            Addresses(check, network, path, set);
            Routes(check, network, path, name, routes);
            if (NetworkMtu.Of(network, set) is < SmallestIPv6Mtu and var mtu && network.List(NetworkFields.Addresses).Any(static a => a.ToString()!.Contains(':')))
                check.Error(ContainerCodes.MtuTooSmallForIPv6, network.Number(Mtu) is null ? $"{path}.addresses" : $"{path}.mtu",
                    $"with an mtu of {mtu}{(network.Number(Mtu) is null ? $", which is that of Bridge/{network.Text(NetworkFields.Bridge)}," : "")} the kernel takes every IPv6 address of {name} away",
                    "IPv6 needs at least 1280");
        }
    }

    private static void Addresses(ContainerProblems check, ObjectValue network, string path, ResourceSet set)
    {
        var bridge = network.Text(NetworkFields.Bridge)!;
        var own = set.Find(new ResourceId(BridgeNetworks.Kind, bridge)) is { } resource ? BridgeNetworks.AddressesOf(resource) : [];
        var index = Indexes.GetValue(set, static s => new NetworkIndex(s));
        var place = $"{check.Resource.Id} {network.Text(Interface)}";
        foreach (var text in network.List(NetworkFields.Addresses).Select(static a => a.ToString()!))
        {
            var address = BridgeNetworks.Address(text);
            var at = $"{path}.addresses[{text}]";
            if (BridgeNetworks.IsLinkLocal(text))
                continue;
            var family = own.Where(o => BridgeNetworks.SameFamily(o, text) && !BridgeNetworks.IsLinkLocal(o)).ToList();
            if (family.Count > 0 && !family.Exists(o => BridgeNetworks.Contains(o, address)))
                check.Error(ContainerCodes.OutsideSubnet, at, $"{text} lies in none of the networks of Bridge/{bridge} ({string.Join(", ", family)})");
            if (index.Holder(bridge, address) is { } holder && holder != place)
                check.Error(ContainerCodes.AddressTwice, at, $"{address} is the address of {holder} as well");
        }

        if (network.Text(Mac) is { } mac && index.Holder(bridge, mac) is { } other && other != place)
            check.Error(ContainerCodes.MacTwice, $"{path}.macAddress", $"{mac} is the MAC address of {other} as well");
    }

    private static void Routes(ContainerProblems check, ObjectValue network, string path, string name, Dictionary<(string To, bool IPv6), string> others)
    {
        var addresses = network.List(NetworkFields.Addresses).Select(static a => a.ToString()!).ToList();
        foreach (var route in network.Objects(NetworkFields.Routes))
        {
            var (to, via) = (route.Text(RouteTo)!, IPAddress.Parse(route.Text(RouteVia)!));
            var at = $"{path}.routes[{RouteKey(to, route.Text(RouteVia))}]";
            var ipv6 = via.GetAddressBytes().Length == 16;
            if (to != DefaultRoute && BridgeNetworks.Address(to).GetAddressBytes().Length != via.GetAddressBytes().Length)
                check.Error(ContainerCodes.Route, at, $"the gateway {via} of {to} is of the other address family");
            else if (!via.IsIPv6LinkLocal && !addresses.Exists(a => BridgeNetworks.Contains(a, via)))
                check.Error(ContainerCodes.Route, $"{at}.via", $"the gateway {via} lies in no network of {name}");
            if (!others.TryAdd((to, ipv6), name))
                check.Error(ContainerCodes.Route, at, $"{others[(to, ipv6)]} has a route to {to} already");
        }
    }
}
