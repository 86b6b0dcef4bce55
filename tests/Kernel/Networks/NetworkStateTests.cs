using Provision.Kernel.Netlink;
using Provision.Kernel.Sandbox;

namespace Provision.Kernel.Networks;

public sealed class NetworkStateTests
{
    private const int Id = 4;

    private static readonly LinkTable Host = new(
    [
        new Link(3, "web0", 0, "bridge", null, 1500, null, true, 0) { Bridge = new BridgeState() },
        new Link(9, "pvx", 0, "veth", null, 1500, null, true, 3) { Parent = Samples.Eth0, ParentNamespace = Id },
        new Link(10, "pvy", 0, "veth", null, 1500, null, true, 3) { Parent = Samples.Eth0, ParentNamespace = 5 },
        new Link(11, "plain", 0, "veth", null, 1500, null, true, 3) { Parent = 7 },
    ]);

    [Fact]
    public void Of_AnInterface_HasItsHostEndAndBridge()
    {
        var state = NetworkState.Of(
            Samples.Tables(Samples.Link(), [Samples.Address("10.88.0.2/24")], [Samples.Route("0.0.0.0/0", "10.88.0.1"), Samples.Kernel("10.88.0.0/24")]), Host, Id);

        var eth0 = Assert.Single(state.Interfaces).Value;
        Assert.Equal(("eth0", "pvx", "web0", true, 1500, "02:00:00:00:00:02"), (eth0.Name, eth0.HostEnd, eth0.Bridge, eth0.Up, eth0.Mtu, eth0.Mac));
        Assert.Equal(["10.88.0.2/24"], eth0.Addresses.AsEnumerable());
        Assert.Equal([new RouteSpec("default", "10.88.0.1")], eth0.Routes.AsEnumerable());
        Assert.Empty(state.OtherRoutes);
    }

    [Fact]
    public void Of_ALinkThatClaimsAHostEndOfAnother_HasNone()
    {
        // In the container, a pair into a namespace below it can have any index at its other end, and claim pvx's.
        var claiming = Samples.Link(index: 30);

        var eth0 = NetworkState.Of(Samples.Tables(claiming, [], []), Host, Id).Interfaces["eth0"];

        Assert.Equal((null, null), (eth0.HostEnd, eth0.Bridge));
    }

    [Fact]
    public void Of_ANamespaceWithoutANumber_HasNoHostEnds() =>
        Assert.Null(NetworkState.Of(Samples.Tables(Samples.Link(), [], []), Host, Link.UnknownNamespace).Interfaces["eth0"].HostEnd);

    [Fact]
    public void Of_WhatTheKernelAddsByItself_ShowsNothing()
    {
        var linkLocal = Samples.Address("fe80::1/64") with { Protocol = 3 };
        Route[] routes =
        [
            Samples.Kernel("10.88.0.0/24"), Samples.Kernel("fe80::/64"), Samples.Kernel("ff00::/8"),
            Samples.Kernel("10.88.0.2/32") with { Table = Route.LocalTable, Type = RouteType.Local },
            Samples.Route("::/0", "fe80::9", protocol: Route.RouterAdvertisementProtocol),
            Samples.Kernel("127.0.0.0/8") with { Link = 1, Table = Route.LocalTable, Type = RouteType.Local },
        ];

        var state = NetworkState.Of(Samples.Tables(Samples.Link(), [Samples.Address("10.88.0.2/24"), linkLocal], routes), Host, Id);

        Assert.Equal(["10.88.0.2/24"], state.Interfaces["eth0"].Addresses.AsEnumerable());
        Assert.Empty(state.Interfaces["eth0"].Routes);
        Assert.Empty(state.OtherRoutes);
    }

    [Fact]
    public void Of_RoutesThatOnlyClaimToBeTheKernels_ShowsThem()
    {
        Route[] routes =
        [
            Samples.Route("10.1.0.0/16", "10.88.0.7", protocol: Route.KernelProtocol),
            Samples.Kernel("10.2.0.0/16"),
            Samples.Route("10.3.0.0/16", "10.88.0.7", protocol: Route.RouterAdvertisementProtocol),
            Samples.Route("10.4.0.1/32", null) with { Table = Route.LocalTable, Type = RouteType.Local },
            Samples.Route("10.5.0.0/16", null, link: 0) with { Type = RouteType.Blackhole },
        ];

        var state = NetworkState.Of(Samples.Tables(Samples.Link(), [Samples.Address("10.88.0.2/24")], routes), Host, Id);

        Assert.Equal(
            ["10.1.0.0/16 10.88.0.7", "10.2.0.0/16 scope link", "10.3.0.0/16 10.88.0.7", "10.4.0.1/32 type local table 255"],
            state.Interfaces["eth0"].Routes.Select(static r => $"{r.To} {r.Via}"));
        Assert.Equal(["10.5.0.0/16 type blackhole"], state.OtherRoutes.AsEnumerable());
    }

    [Fact]
    public void Of_AnAddressThatIsNotForGood_IsNoAddressAnybodyDeclared() =>
        Assert.Equal(
            ["10.88.0.2/24 temporary"],
            NetworkState.Of(Samples.Tables(Samples.Link(), [Samples.Address("10.88.0.2/24", flags: 0)], []), Host, Id).Interfaces["eth0"].Addresses.AsEnumerable());
}
