using Provision.Kernel.Netlink;
using Provision.Reconciler;

namespace Provision.Kernel.Networks;

/// <summary>What is to be done inside a container until an interface is as desired; pure.</summary>
internal static class InterfacePlan
{
    /// <summary>
    /// The operations in their order; none when nothing is to be done. What the kernel takes along with them (secondaries
    /// with their primary, routes with the last address) is told by the next look.
    /// </summary>
    /// <param name="index">The interface, as its host end names it.</param>
    public static (IReadOnlyList<RtnetlinkOperation> Operations, KernelError? Error) Of(
        string container, DesiredInterface desired, int index, NetworkTables tables)
    {
        if (tables.Links.Find(index) is not { } link)
            return ([], Failed(container, desired, Errno.ENODEV, "the link inside vanished"));
        if (link.Name != desired.Name)
            return tables.Links.Find(desired.Name) is null
                ? (Rename(link, desired), null)
                : ([], Failed(container, desired, Errno.EEXIST, $"inside, another link is called {desired.Name}, and this one {link.Name}"));

        var operations = new List<RtnetlinkOperation>();
        if (desired.Mac is not null && link.Mac != desired.Mac)
            operations.Add(new LinkSetMac(link.Name, desired.Mac));
        if (desired.Mtu is { } mtu && link.Mtu != mtu)
            operations.Add(new LinkSetMtu(link.Name, mtu));
        if (!link.Up)
            operations.Add(new LinkSetUp(link.Name, true));
        Differ(operations, desired, link, tables);
        return (operations, null);
    }

    // Older kernels rename only links that are down.
    private static IReadOnlyList<RtnetlinkOperation> Rename(Link link, DesiredInterface desired) =>
        [.. link.Up ? (RtnetlinkOperation[])[new LinkSetUp(link.Name, false)] : [], new LinkRename(link.Name, desired.Name)];

    private static void Differ(List<RtnetlinkOperation> operations, DesiredInterface desired, Link link, NetworkTables tables)
    {
        var routes = tables.RoutesOf(link.Index).ToList();
        var wanted = routes.Where(r => r.IsPlain && desired.Routes.Any(d => Matches(d, r))).ToList();
        operations.AddRange(routes.Except(wanted).Select(r => RouteDelete.Of(link.Name, r)));

        var addresses = tables.AddressesOf(link.Index).ToList();
        var kept = addresses.Where(a => a.IsPlain && desired.Addresses.Any(d => d.Text == a.Text)).ToList();
        // Secondaries first: a primary would take them along.
        operations.AddRange(addresses.Except(kept).OrderByDescending(static a => a.IsSecondary)
            .Select(a => new AddressDelete(link.Name, a.Local, a.PrefixLength, a.Peer)));
        operations.AddRange(desired.Addresses.Where(d => !kept.Exists(a => a.Text == d.Text))
            .Select(d => new AddressAdd(link.Name, d.Address, d.Length) { AtOnce = d.IsIPv6 }));

        operations.AddRange(desired.Routes.Where(d => !wanted.Exists(r => Matches(d, r)))
            .Select(d => new RouteAdd(link.Name, d.To.Address, d.To.Length, d.Via)));
    }

    private static bool Matches(DesiredRoute desired, Route route) =>
        desired.To.Length == route.PrefixLength && desired.To.Address.Equals(route.Destination) && desired.Via.Equals(route.Gateway);

    private static KernelError Failed(string container, DesiredInterface desired, int errno, string detail) =>
        new("set interface", $"{desired.Name} of {container}", null, errno, detail);
}
