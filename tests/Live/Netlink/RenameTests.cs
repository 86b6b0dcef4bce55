using Provision.Testing;

namespace Provision.Kernel.Netlink;

/// <summary>The way to rename for kernels that want the link down, on every kernel: what was there is there again.</summary>
public sealed class RenameTests
{
    private static readonly string[] Routes =
    [
        "route add 10.77.0.0/24 via 10.88.0.9 dev web0", "route add 10.78.0.0/24 via 10.88.0.9 dev web0 metric 7 table 100 src 10.88.0.1",
        "route add 10.6.0.0/24 via 10.99.0.1 dev web0 onlink proto 80", "route add 10.5.0.1 dev web0", "route add 10.4.0.0/24 via 10.5.0.1 dev web0",
        "route add 10.3.0.0/24 nexthop via 10.88.0.8 dev web0 weight 2 nexthop via 10.88.0.9 dev web0",
        "-6 route add fd77::/64 via fd00:88::9 dev web0 src fd00:88::1", "-6 route add fd78::/64 dev web0 metric 50",
        "-6 route add fd79::/64 nexthop via fd00:88::8 dev web0 nexthop via fd00:88::9 dev web0",
    ];

    [RootFact]
    public void Perform_LinkWithAddressesAndRoutes_HasThemUnderTheNewName()
    {
        using var at = WithBridge();
        at.Netns.Ip("address add 10.88.0.1/24 dev web0");
        at.Netns.Ip("address add 10.88.0.2/24 dev web0 label web0:a");
        at.Netns.Ip("address add fd00:88::1/64 dev web0");
        at.Netns.Ip("address add fd00:89::1/64 dev web0 noprefixroute");
        at.Netns.Ip("address add fe80::77/64 dev web0");
        Settled(at, "web0");
        foreach (var route in Routes)
            at.Netns.Ip(route);
        var (addresses, routes) = (Addresses(at, "web0"), RoutesOf(at, "web0"));
        Assert.True(routes.Length >= Routes.Length);

        Assert.Null(Rename(at, "web0", "web1"));

        Settled(at, "web1");
        Until(() => Addresses(at, "web1"), addresses);
        Until(() => RoutesOf(at, "web1"), routes);
        Assert.True(at.Link("web1").Up);
        Assert.Equal("web1", at.Netns.Link("eth1")!.Value.GetProperty("master").GetString());
    }

    [RootFact]
    public void Perform_NameThatIsTaken_LeavesEverythingAsItWas()
    {
        using var at = WithBridge();
        at.Netns.Ip("link add web1 type bridge");
        at.Netns.Ip("address add fd00:88::1/64 dev web0");
        Settled(at, "web0");
        at.Netns.Ip("-6 route add fd77::/64 via fd00:88::9 dev web0");
        var (addresses, routes) = (Addresses(at, "web0"), RoutesOf(at, "web0"));

        var error = Rename(at, "web0", "web1");

        Assert.Equal((17, false), (error!.Errno, error.Halfway));
        Until(() => Addresses(at, "web0"), addresses);
        Until(() => RoutesOf(at, "web0"), routes);
        Assert.True(at.Link("web0").Up);
    }

    [RootFact]
    public void Perform_RouteByANexthopObject_IsRefusedBeforeAnythingIsDone()
    {
        using var at = WithBridge();
        at.Netns.Ip("address add 10.88.0.1/24 dev web0");
        at.Netns.Ip("nexthop add id 7 via 10.88.0.9 dev web0");
        at.Netns.Ip("route add 10.77.0.0/24 nhid 7");

        var error = Rename(at, "web0", "web1");

        Assert.Equal((16, false), (error!.Errno, error.Halfway));
        Assert.Contains("nexthop objects", error.Detail, StringComparison.Ordinal);
        Assert.True(at.Link("web0").Up);
        Assert.Contains("nhid 7", at.Netns.Ip("route show"), StringComparison.Ordinal);
    }

    [Trait("Needs", "link-kinds")]
    [RootFact]
    public void Perform_VlanLinksOnTop_AreAsTheyWere()
    {
        using var at = WithBridge();
        at.Netns.Ip("link add link web0 name up5 type vlan id 5");
        at.Netns.Ip("link add link up5 name up56 type vlan id 6");
        at.Netns.Ip("link add link web0 name down7 type vlan id 7");
        foreach (var link in (string[])["up5", "up56"])
            at.Netns.Ip($"link set {link} up");
        at.Netns.Ip("address add fd00:5::1/64 dev up5");
        at.Netns.Ip("address add fd00:56::1/64 dev up56");
        Settled(at, "up5");
        Settled(at, "up56");
        at.Netns.Ip("-6 route add fd75::/64 via fd00:5::9 dev up5");
        string[] Seen() => [.. Addresses(at, "up5"), .. RoutesOf(at, "up5"), .. Addresses(at, "up56"), .. RoutesOf(at, "up56")];
        var before = Seen();

        Assert.Null(Rename(at, "web0", "web1"));

        Until(Seen, before);
        Assert.False(at.Link("down7").Up);
    }

    private static NetlinkFixture WithBridge()
    {
        var at = new NetlinkFixture();
        at.Netns.Ip("link add web0 type bridge");
        at.Netns.Ip("link add eth1 type veth peer name eth1p");
        at.Netns.Ip("link set eth1 master web0");
        foreach (var link in (string[])["eth1p", "eth1", "web0"])
            at.Netns.Ip($"link set {link} up");
        return at;
    }

    private static Reconciler.KernelError? Rename(NetlinkFixture at, string link, string to)
    {
        using var channel = at.Netns.Inside(static () => new ChangeChannel(new NetlinkSocket()));
        return new RenameWhileDown(channel, at.Reader).Perform(new LinkRename(link, to), at.Link(link));
    }

    // Addresses are tentative until duplicates were looked for, and the link-local one comes after the carrier.
    private static void Settled(NetlinkFixture at, string link) => Assert.True(
        SpinWait.SpinUntil(
            () =>
            {
                Thread.Sleep(20);
                var shown = at.Netns.Ip($"-6 address show dev {link}");
                return shown.Contains("fe80::", StringComparison.Ordinal) && !shown.Contains("tentative", StringComparison.Ordinal);
            },
            TimeSpan.FromMinutes(2)),
        "its addresses do not settle");

    // The kernel's own link-local address and its routes come back with the carrier.
    private static void Until(Func<string[]> seen, string[] expected)
    {
        SpinWait.SpinUntil(
            () =>
            {
                Thread.Sleep(20);
                return seen().SequenceEqual(expected);
            },
            TimeSpan.FromMinutes(2));
        Assert.Equal(expected, seen());
    }

    private static string[] Addresses(NetlinkFixture at, string link) => Lines(at, link, $"-o address show dev {link}");

    private static string[] RoutesOf(NetlinkFixture at, string link) =>
        [.. Lines(at, link, "-o -4 route show table all"), .. Lines(at, link, "-o -6 route show table all")];

    // As ip(8) says them, with the name left out; the index of a line and what runs down are nobody's business.
    private static string[] Lines(NetlinkFixture at, string link, string command) =>
    [
        .. at.Netns.Ip(command).Split('\n').Where(l => $"{l} ".Contains($" {link} ", StringComparison.Ordinal))
            .Select(l => string.Join(' ', l[(l.IndexOf(':') is var cut && command.Contains("address", StringComparison.Ordinal) ? cut + 1 : 0)..]
                .Split([' ', '\\', '\t'], StringSplitOptions.RemoveEmptyEntries)
                .Select(w => w.StartsWith(link, StringComparison.Ordinal) ? $"LINK{w[link.Length..]}" : w)))
            .Order(StringComparer.Ordinal),
    ];
}
