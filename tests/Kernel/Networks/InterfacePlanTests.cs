using Provision.Kernel.Netlink;
using Provision.Kernel.Sandbox;

namespace Provision.Kernel.Networks;

public sealed class InterfacePlanTests
{
    private static readonly NetworkAttachment Wanted = new(
        "web0", "eth0", "02:00:00:00:00:02", ["10.88.0.2/24", "fd00:88::2/64"], [new("default", "10.88.0.1"), new("default", "fd00:88::1")]);

    private static readonly Address[] Addresses = [Samples.Address("10.88.0.2/24"), Samples.Address("fd00:88::2/64", flags: 0x82)];
    private static readonly Route[] Routes = [Samples.Route("0.0.0.0/0", "10.88.0.1"), Samples.Route("::/0", "fd00:88::1"), Samples.Kernel("10.88.0.0/24"), Samples.Kernel("fd00:88::/64")];

    [Fact]
    public void Of_AnInterfaceAsDesired_HasNothingToDo() => Assert.Empty(Plan(Samples.Tables(Samples.Link(), Addresses, Routes)));

    [Fact]
    public void Of_ANewInterface_BringsItUpBeforeItsRoutes() =>
        Assert.Equal(
            [
                "set link eth0 address 02:00:00:00:00:02",
                "set link eth0 up",
                "add address 10.88.0.2/24 dev eth0",
                "add address fd00:88::2/64 dev eth0 nodad",
                "add route default via 10.88.0.1 dev eth0",
                "add route ::/0 via fd00:88::1 dev eth0",
            ],
            Plan(Samples.Tables(Samples.Link(up: false, mac: "02:00:00:00:00:99"), [], [])));

    [Fact]
    public void Of_NoMacAsked_LeavesTheKernelsChoice() =>
        Assert.Empty(Plan(Samples.Tables(Samples.Link(mac: "02:00:00:00:00:99"), Addresses, Routes), Wanted with { Mac = null }));

    [Fact]
    public void Of_ForeignAddressesAndRoutes_RemovesThemSecondariesFirst() =>
        Assert.Equal(
            [
                "delete route 10.9.0.0/16 via 10.88.0.7 dev eth0 proto 3 metric 7",
                "delete address 10.66.0.2/24 dev eth0",
                "delete address 10.66.0.1/24 dev eth0",
            ],
            Plan(Samples.Tables(
                Samples.Link(),
                [.. Addresses, Samples.Address("10.66.0.1/24"), Samples.Address("10.66.0.2/24", flags: 0x81)],
                [.. Routes, Samples.Route("10.9.0.0/16", "10.88.0.7", protocol: 3) with { Metric = 7 }])));

    [Fact]
    public void Of_AnotherGateway_RemovesTheOldRouteBeforeTheNew() =>
        Assert.Equal(
            ["delete route default via 10.88.0.1 dev eth0", "add route default via 10.88.0.9 dev eth0"],
            Plan(Samples.Tables(Samples.Link(), Addresses, Routes), Wanted with { Routes = [new("default", "10.88.0.9"), new("default", "fd00:88::1")] }));

    [Fact]
    public void Of_AnAddressThatIsThereForATimeOnly_IsMadeAnew() =>
        Assert.Equal(
            ["delete address 10.88.0.2/24 dev eth0", "add address 10.88.0.2/24 dev eth0"],
            Plan(Samples.Tables(Samples.Link(), [Samples.Address("10.88.0.2/24", flags: 0), Addresses[1]], Routes)));

    [Fact]
    public void Of_ARouteOfAnotherMetric_IsNotTheDesiredOne() =>
        Assert.Equal(
            ["delete route default via 10.88.0.1 dev eth0 metric 50", "add route default via 10.88.0.1 dev eth0"],
            Plan(Samples.Tables(Samples.Link(), Addresses, [Routes[0] with { Metric = 50 }, .. Routes[1..]])));

    [Fact]
    public void Of_AMultipathRoute_RemovesItWhole()
    {
        var multipath = Samples.Route("10.9.0.0/16", null) with { Link = 0, Hops = [new RouteHop(Samples.Eth0, null), new RouteHop(7, null)] };

        Assert.Equal(["delete route 10.9.0.0/16 dev eth0 whole"], Plan(Samples.Tables(Samples.Link(), Addresses, [.. Routes, multipath])));
    }

    [Fact]
    public void Of_ARenamedInterface_RenamesItBackFirst() =>
        Assert.Equal(["set link eth9 down", "set link eth9 name eth0"], Plan(Samples.Tables(Samples.Link("eth9"), Addresses, Routes)));

    [Fact]
    public void Of_ANameThatAnotherLinkHas_IsRefusedWithBoth()
    {
        var tables = Samples.Tables(Samples.Link("eth9"), [], []);
        tables = tables with { Links = new LinkTable(tables.Links.Links.Append(Samples.Link("eth0", 5))) };

        var (operations, error) = InterfacePlan.Of("web-1", Desired(Wanted), Samples.Eth0, tables);

        Assert.Empty(operations);
        Assert.Equal((17, true), (error!.Errno, error.Detail!.Contains("eth9", StringComparison.Ordinal)));
    }

    [Fact]
    public void Of_ALinkThatVanished_IsAnError()
    {
        var (operations, error) = InterfacePlan.Of("web-1", Desired(Wanted), 77, Samples.Tables(Samples.Link(), [], []));

        Assert.Empty(operations);
        Assert.Equal(19, error!.Errno);
    }

    private static string[] Plan(NetworkTables tables, NetworkAttachment? wanted = null)
    {
        var (operations, error) = InterfacePlan.Of("web-1", Desired(wanted ?? Wanted), Samples.Eth0, tables);
        Assert.Null(error);
        return [.. operations.Select(static o => o.Text)];
    }

    private static DesiredInterface Desired(NetworkAttachment attachment) => DesiredInterface.Parse("web-1", attachment).Interface!;
}
