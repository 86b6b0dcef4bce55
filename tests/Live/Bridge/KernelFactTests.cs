using System.Collections.Immutable;
using Provision.Kernel.Netlink;
using Provision.Testing;

namespace Provision.Drivers.Bridge;

/// <summary>What the kernel does to bridges without saying so: the facts that the driver is built on.</summary>
public sealed class KernelFactTests
{
    [RootFact]
    public void Alias_AtCreation_IsIgnored()
    {
        using var at = new NetlinkFixture();
        at.Netns.Ip("link add web0 alias text type bridge");

        Assert.False(at.Netns.Link("web0")!.Value.TryGetProperty("ifalias", out _));
        at.Do(new LinkSetAlias("web0", "text"));
        Assert.Equal("text", at.Netns.Link("web0")!.Value.GetProperty("ifalias").GetString());
        at.Do(new LinkSetAlias("web0", ""));
        Assert.False(at.Netns.Link("web0")!.Value.TryGetProperty("ifalias", out _));
    }

    [RootFact]
    public void Alias_Of255Bytes_Fits()
    {
        using var at = new NetlinkFixture();
        at.Do(NetlinkFixture.Bridge("web0"));

        at.Do(new LinkSetAlias("web0", new string('a', 255)));
        Assert.NotNull(at.Execute(new LinkSetAlias("web0", new string('a', 256)))[0]);
        Assert.Equal(255, at.Netns.Link("web0")!.Value.GetProperty("ifalias").GetString()!.Length);
    }

    [RootFact]
    public void Timers_AnyValue_RoundAsClockTicksSay()
    {
        using var at = new NetlinkFixture();
        at.Do(NetlinkFixture.Bridge("web0"));
        var ticks = new ClockTicks(at.Reader.TickNanoseconds);

        foreach (var clock in (uint[])[0, 1, 2, 3, 4, 5, 7, 12345, 12346, 29999, 30000, 1_000_001])
        {
            at.Do(new BridgeSet("web0", BridgeAttribute.AgeingTime, clock));
            var shown = at.Netns.Link("web0")!.Value.GetProperty("linkinfo").GetProperty("info_data").GetProperty("ageing_time").GetInt64();
            Assert.Equal(ticks.Round(clock * 10_000L), shown * 10_000);
            Assert.Equal((uint)shown, at.Link("web0").Bridge!.AgeingTime!.Value);

            at.Do(new BridgeSet("web0", BridgeAttribute.AgeingTime, ticks.ToWrite(shown * 10_000)));
            Assert.Equal((uint)shown, at.Link("web0").Bridge!.AgeingTime!.Value);
        }
    }

    [RootFact]
    public void Mtu_SetToWhatItIs_GoesOnFollowingThePortsUnlessFixed()
    {
        using var at = new NetlinkFixture();
        at.Do(NetlinkFixture.Bridge("web0"), NetlinkFixture.Bridge("web1"), NetlinkFixture.Bridge("web2"));
        at.Netns.Ip("link add eth1 mtu 1400 type veth peer name eth1p");
        at.Do(new LinkSetMtu("web0", 1500), new LinkSetMtu("web1", 1500, Fixed: true), new LinkSetMtu("web2", 65535, Fixed: true));

        foreach (var (bridge, mtu) in ((string, int)[])[("web0", 1400), ("web1", 1500), ("web2", 65535)])
        {
            at.Do(new LinkSetMaster("eth1", bridge));
            Assert.Equal(mtu, at.Netns.Link(bridge)!.Value.GetProperty("mtu").GetInt32());
        }
    }

    [RootFact]
    public void Mtu_UntilItIsSet_FollowsThePorts()
    {
        using var at = new NetlinkFixture();
        at.Do(NetlinkFixture.Bridge("web0"));
        at.Netns.Ip("link add eth1 mtu 1400 type veth peer name eth1p");
        at.Do(new LinkSetMaster("eth1", "web0"));
        Assert.Equal(1400, at.Link("web0").Mtu);

        at.Do(new LinkSetMtu("web0", 1450));
        at.Netns.Ip("link set eth1 mtu 1300");
        Assert.Equal(1450, at.Link("web0").Mtu);
    }

    [RootFact]
    public void Mac_UntilItIsPinned_IsAPorts()
    {
        using var at = new NetlinkFixture();
        at.Do(NetlinkFixture.Bridge("web0"));
        at.Netns.Ip("link add eth1 address 02:00:00:00:00:01 type veth peer name eth1p");
        at.Do(new LinkSetMaster("eth1", "web0"));
        Assert.Equal("02:00:00:00:00:01", at.Link("web0").Mac);

        at.Do(new LinkSetMac("web0", "02:00:00:00:00:77"), new LinkSetMaster("eth1", null), new LinkSetMaster("eth1", "web0"));
        Assert.Equal("02:00:00:00:00:77", at.Link("web0").Mac);
    }

    [RootFact]
    public void Mtu_Below1280_TakesIPv6Away()
    {
        using var at = new NetlinkFixture();
        at.Do(NetlinkFixture.Bridge("web0"), NetlinkFixture.Add("web0", "10.0.0.1/24"), NetlinkFixture.Add("web0", "fd00::1/64"));

        at.Do(new LinkSetMtu("web0", 1279));

        Assert.Equal(["10.0.0.1/24"], at.Netns.Addresses("web0"));
        Assert.NotNull(at.Execute(NetlinkFixture.Add("web0", "fd00::1/64"))[0]);
    }

    [RootFact]
    public void Down_ALinkThatWasUp_LosesItsIPv6AddressesUnlessKept()
    {
        using var at = new NetlinkFixture();
        at.Do(NetlinkFixture.Bridge("web0"), new LinkSetUp("web0", true), NetlinkFixture.Add("web0", "10.0.0.1/24"), NetlinkFixture.Add("web0", "fd00::1/64"));

        at.Do(new LinkSetUp("web0", false));
        Assert.Equal(["10.0.0.1/24"], at.Netns.Addresses("web0"));

        at.Do(NetlinkFixture.Add("web0", "fd00::1/64"), new LinkSetUp("web0", true));
        Assert.Equal(["10.0.0.1/24", "fd00::1/64"], at.Netns.Addresses("web0"));
        at.Do(new LinkSetUp("web0", false, [NetlinkFixture.Add("web0", "fd00::1/64")]));
        Assert.Equal(["10.0.0.1/24", "fd00::1/64"], at.Netns.Addresses("web0"));
        Assert.False(at.Link("web0").Up);
    }

    [RootFact]
    public void Port_ThatLeavesAndComesBack_HasLostItsOptionsUnlessTheyAreGivenAgain()
    {
        using var at = new NetlinkFixture();
        at.Do(NetlinkFixture.Bridge("web0"));
        at.Netns.Ip("link add eth1 type veth peer name eth1p");
        at.Do(new LinkSetMaster("eth1", "web0"), new PortSet("eth1", PortAttribute.Hairpin, 1), new PortSet("eth1", PortAttribute.Isolated, 1),
            new PortSet("eth1", PortAttribute.Cost, 9), new PortSet("eth1", PortAttribute.Priority, 9));
        Assert.Equal(new PortState { Cost = 9, Priority = 9, Hairpin = 1, Isolated = 1 }, at.Link("eth1").Port);

        at.Do(new LinkSetMaster("eth1", null), new LinkSetMaster("eth1", "web0"));
        Assert.Equal(new PortState { Cost = 2, Priority = 32, Hairpin = 0, Isolated = 0 }, at.Link("eth1").Port);

        var options = ImmutableSortedDictionary<PortAttribute, uint>.Empty.Add(PortAttribute.Hairpin, 1).Add(PortAttribute.Cost, 9);
        at.Do(new LinkSetMaster("eth1", null), new LinkSetMaster("eth1", "web0", options));
        Assert.Equal(new PortState { Cost = 9, Priority = 32, Hairpin = 1, Isolated = 0 }, at.Link("eth1").Port);
    }

    [RootFact]
    public void PrimaryAddress_Deleted_TakesItsSecondariesAlong()
    {
        using var at = new NetlinkFixture();
        at.Do(NetlinkFixture.Bridge("web0"), NetlinkFixture.Add("web0", "10.0.0.1/24"), NetlinkFixture.Add("web0", "10.0.0.2/24"), NetlinkFixture.Add("web0", "10.0.1.1/24"));
        Assert.Equal([false, true, false], at.Reader.ReadAddresses().All.OrderBy(static a => a.Text).Select(static a => a.IsSecondary));

        at.Do(NetlinkFixture.Delete("web0", "10.0.0.1/24"));

        Assert.Equal(["10.0.1.1/24"], at.Netns.Addresses("web0"));
    }

    [RootFact]
    public void AddressProtocol_OfOurs_ComesBack()
    {
        using var at = new NetlinkFixture();
        at.Do(NetlinkFixture.Bridge("web0"), NetlinkFixture.Add("web0", "10.0.0.1/24"), NetlinkFixture.Add("web0", "fd00::1/64"));
        at.Netns.Ip("address add 10.0.0.2/24 dev web0");

        Assert.Equal(
            [("10.0.0.1/24", Address.Provision), ("10.0.0.2/24", (byte)0), ("fd00::1/64", Address.Provision)],
            at.Reader.ReadAddresses().All.Select(static a => (a.Text, a.Protocol)).OrderBy(static a => a.Text, StringComparer.Ordinal).ToArray());
    }

    [RootFact]
    public void LinkLocalAddress_OfALinkWithCarrier_IsTheKernelsOwn()
    {
        using var at = new NetlinkFixture();
        at.Netns.Ip("link add eth1 type veth peer name eth1p");
        at.Netns.Ip("link set eth1p up");
        at.Do(NetlinkFixture.Bridge("web0"), new LinkSetMaster("eth1", "web0"), new LinkSetUp("eth1", true), new LinkSetUp("web0", true));
        var index = at.Link("web0").Index;

        Assert.True(SpinWait.SpinUntil(() => at.Reader.ReadAddresses(index).All.Any(), TimeSpan.FromMinutes(1)));
        Assert.All(at.Reader.ReadAddresses(index).All, static a => Assert.True(a.IsAutomatic));
    }

    [RootFact]
    public void ForwardDelay_WhenStpStarts_IsRaisedToTwoSeconds()
    {
        using var at = new NetlinkFixture();
        at.Do(NetlinkFixture.Bridge("web0"), new BridgeSet("web0", BridgeAttribute.ForwardDelay, 0), new BridgeSet("web0", BridgeAttribute.StpState, 1));

        Assert.Equal(200u, at.Link("web0").Bridge!.ForwardDelay);
        Assert.Equal(34, at.Execute(new BridgeSet("web0", BridgeAttribute.ForwardDelay, 100))[0]!.Errno);
    }

    [RootFact]
    public void GroupForwardMask_RestrictedBits_AreRefusedWithTheReason()
    {
        using var at = new NetlinkFixture();
        at.Do(NetlinkFixture.Bridge("web0"));

        var error = at.Execute(new BridgeSet("web0", BridgeAttribute.GroupForwardMask, 1))[0]!;

        Assert.Equal(22, error.Errno);
        Assert.Contains("never forwarded", error.Detail, StringComparison.Ordinal);
    }

    [RootFact]
    public void QueryInterval_BelowASecond_IsRaised()
    {
        using var at = new NetlinkFixture();
        at.Do(NetlinkFixture.Bridge("web0"), new BridgeSet("web0", BridgeAttribute.MulticastQueryInterval, 50));

        Assert.Equal(100u, at.Link("web0").Bridge!.MulticastQueryInterval);
    }

    [RootFact]
    public void Rename_OfALinkThatIsUp_KeepsEverything()
    {
        using var at = new NetlinkFixture();
        at.Do(NetlinkFixture.Bridge("web0"), new LinkSetUp("web0", true), NetlinkFixture.Add("web0", "fd00::1/64"), new LinkRename("web0", "web1"));

        Assert.Equal(["fd00::1/64"], at.Netns.Addresses("web1"));
        Assert.True(at.Link("web1").Up);
    }
}
