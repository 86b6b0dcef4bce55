using System.Collections.Immutable;
using System.Net;
using Provision.Drivers.Bridge;
using Provision.Spec;

namespace Provision.Drivers;

/// <summary>What a Bridge means to those who plug into it.</summary>
internal static class BridgeNetworks
{
    public const string Kind = BridgeSchema.Kind;

    /// <summary>The link's name.</summary>
    public static string LinkOf(Resource bridge) => BridgeNames.LinkOf(bridge);

    /// <summary>The host's own addresses on it, with their prefix lengths.</summary>
    public static ImmutableArray<string> AddressesOf(Resource bridge) =>
        [.. bridge.Spec.List(BridgeFields.Addresses).Select(static a => a.ToString()!)];

    public static string? MacOf(Resource bridge) => bridge.Spec.Text(BridgeFields.Mac);

    /// <summary>The MTU that it declares; null when it declares none.</summary>
    public static long? MtuOf(Resource bridge) => bridge.Spec.Number(BridgeFields.Mtu);

    /// <summary>The address alone.</summary>
    public static IPAddress Address(string text) => InterfaceAddress.Parse(text).Address;

    public static bool IsLinkLocal(string text) => Address(text).IsIPv6LinkLocal;

    public static bool SameFamily(string one, string other) => InterfaceAddress.Parse(one).IsIPv6 == InterfaceAddress.Parse(other).IsIPv6;

    /// <summary>Whether an address lies in the network of another that has a prefix length.</summary>
    public static bool Contains(string network, IPAddress address)
    {
        var outer = InterfaceAddress.Parse(network);
        var inner = new InterfaceAddress(address, outer.PrefixLength);
        return inner.IsIPv6 == outer.IsIPv6 && inner.Network(outer.PrefixLength) == outer.Network(outer.PrefixLength);
    }
}
