using System.Net;
using Provision.Kernel.Netlink;

namespace Provision.Kernel.Networks;

/// <summary>Tables as the kernel shows them of a container: lo is 1, eth0 is 2.</summary>
internal static class Samples
{
    public const int Eth0 = 2;

    public static Link Link(string name = "eth0", int index = Eth0, bool up = true, string mac = "02:00:00:00:00:02") =>
        new(index, name, 0, "veth", null, 1500, mac, up, 0) { Parent = 9, ParentNamespace = 0 };

    public static Address Address(string text, int link = Eth0, uint flags = 0x80)
    {
        var prefix = Prefix.Parse(text)!;
        return new Address(link, prefix.Address, prefix.Length, null, Netlink.Address.Provision, 0, flags, null) { TellsProtocol = true };
    }

    public static Route Route(string to, string? via, int link = Eth0, byte protocol = Netlink.Route.Provision)
    {
        var prefix = Prefix.Parse(to)!;
        return new Route(prefix.IsIPv6 ? Family.IPv6 : Family.IPv4, prefix.Address, prefix.Length, via is null ? null : IPAddress.Parse(via), link)
        {
            Protocol = protocol,
            Metric = prefix.IsIPv6 ? 1024u : 0,
        };
    }

    public static Route Kernel(string to) => Route(to, null, protocol: Netlink.Route.KernelProtocol);

    public static NetworkTables Tables(Link link, Address[] addresses, Route[] routes) => new(
        new LinkTable([new Link(1, "lo", 0, null, null, 65536, "00:00:00:00:00:00", true, 0), link]), new AddressTable(addresses), routes);
}
