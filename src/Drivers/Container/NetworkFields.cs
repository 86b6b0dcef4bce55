using Provision.Spec;

namespace Provision.Drivers.Container;

/// <summary>The links of a container: each a veth pair with one end a port of a bridge.</summary>
internal static class NetworkFields
{
    public const string DefaultRoute = "default";

    public static readonly Field Bridge = new("bridge", Types.Reference("Bridge"), "The Bridge that the host's end is a port of.") { Required = true };

    public static readonly Field Interface = new("interface", Types.LinkName, "The link's name inside.") { Required = true };

    public static readonly Field Addresses = new("addresses", new ListType(Types.InterfaceAddress, static item => item.ToString()!, "address"),
        "IPv4 and IPv6 addresses with their prefix lengths. The kernel's own link-local address is not listed.")
    { Default = ListValue.Empty };

    public static readonly Field Mac = new("macAddress", Types.Mac, "Hardware address inside.") { DefaultDoc = "a random one; not compared" };

    public static readonly Field Mtu = new("mtu", Types.Integer(68, 65535), "Largest packet, bytes, of both ends.")
    { DefaultDoc = "the mtu that the Bridge declares; where it declares none, what it has when the link is made, not compared" };

    public static readonly Field RouteTo = new("to",
        Types.Text("^(default|[0-9a-fA-F.:]+/[0-9]{1,3})$", "a network such as 10.0.0.0/8, or default", 64, CheckDestination), "Where it leads.")
    { Required = true };

    public static readonly Field RouteVia = new("via", Types.IpAddress, "The gateway, within a network of this link.") { Required = true };

    public static readonly Field Routes = new("routes", new ListType(new ObjectType([RouteTo, RouteVia]), static item => RouteKey(((ObjectValue)item)["to"]!.ToString()!, ((ObjectValue)item)["via"]?.ToString()), "to"),
        "Routes through this link beyond those of its own addresses.")
    { Default = ListValue.Empty };

    public static readonly Field Networks = new("networks",
        new ListType(new ObjectType([Bridge, Interface, Addresses, Mac, Mtu, Routes]), static item => ((ObjectValue)item)["interface"]?.ToString() ?? "", "interface"),
        "Links of the container's own network namespace.")
    { Default = ListValue.Empty };

    /// <summary>What tells one route of a link from another: there is a default route of each family.</summary>
    public static string RouteKey(string to, string? via) => to == DefaultRoute && via?.Contains(':') == true ? "::/0" : to;

    private static string? CheckDestination(string text) =>
        text == DefaultRoute || Types.Network.TryParse(text, out _, out var error) ? null : error;
}
