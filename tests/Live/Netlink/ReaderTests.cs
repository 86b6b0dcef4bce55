using System.Diagnostics;
using Provision.Testing;

namespace Provision.Kernel.Netlink;

public sealed class ReaderTests
{
    [RootFact]
    public void ReadLinks_WhatIpMade_ShowsTheSame()
    {
        using var at = new NetlinkFixture();
        at.Netns.Ip("link add web0 group 9 type bridge stp_state 1 priority 4096");
        at.Netns.Ip("link set web0 alias some-text");
        at.Netns.Ip("link add eth1 type veth peer name eth1p");
        at.Netns.Ip("link set eth1 master web0");
        at.Netns.Ip("link set eth1 type bridge_slave cost 9 hairpin on");

        var links = at.Reader.ReadLinks();

        var bridge = links.Find("web0")!;
        var ip = at.Netns.Link("web0")!.Value;
        Assert.Equal(ip.GetProperty("ifindex").GetInt32(), bridge.Index);
        Assert.Equal(ip.GetProperty("address").GetString(), bridge.Mac);
        Assert.Equal(("bridge", 9u, "some-text", 1500, false), (bridge.Kind, bridge.Group, bridge.Alias, bridge.Mtu, bridge.Up));
        Assert.Equal((1u, (ushort)4096), (bridge.Bridge!.StpState, bridge.Bridge.Priority));
        var port = Assert.Single(links.PortsOf(bridge.Index));
        Assert.Equal("eth1", port.Name);
        Assert.Equal((9u, (byte?)1, (byte?)0, (ushort)32), (port.Port!.Cost, port.Port.Hairpin, port.Port.Isolated, port.Port.Priority));
        Assert.Same(links.Find("eth1"), links.Find(port.Index));
    }

    [RootFact]
    public void ReadLinks_ByName_ReadsOnlyThoseThatExist()
    {
        using var at = new NetlinkFixture();
        foreach (var i in Enumerable.Range(0, 120))
            at.Do(NetlinkFixture.Bridge($"b{i}"));

        var links = at.Reader.ReadLinks([.. Enumerable.Range(0, 110).Select(static i => $"b{i}"), "gone", "a-name-that-is-too-long-for-a-link"]);

        Assert.Equal(110, links.Links.Count);
        Assert.Null(links.Find("gone"));
    }

    [RootFact]
    public void ReadAddresses_OfOneLink_AreOnlyItsOwn()
    {
        using var at = new NetlinkFixture();
        at.Netns.Ip("link add web0 type bridge");
        at.Netns.Ip("link add web1 type bridge");
        at.Netns.Ip("address add 10.0.0.1/24 dev web0");
        at.Netns.Ip("address add fd00::1/64 dev web0");
        at.Netns.Ip("address add 10.0.1.1/24 dev web1");

        var addresses = at.Reader.ReadAddresses(at.Link("web0").Index);

        Assert.Equal(["10.0.0.1/24", "fd00::1/64"], addresses.All.Select(static a => a.Text));
        Assert.Empty(at.Reader.ReadAddresses(4711).All);
        Assert.Equal(3, at.Reader.ReadAddresses().All.Count());
    }

    [RootFact]
    public void ReadLinks_WhileLinksComeAndGo_AlwaysHasWhatStays()
    {
        using var at = new NetlinkFixture();
        at.Execute([.. Enumerable.Range(0, 300).Select(static i => NetlinkFixture.Bridge($"stay{i}"))]);
        // A change at most every few dumps' time, however slow the host is: most dumps are interrupted, none for ever.
        var watch = Stopwatch.StartNew();
        at.Reader.ReadLinks();
        var pause = (int)(watch.ElapsedMilliseconds * 4) + 4;
        using var churn = new CancellationTokenSource();
        var churning = Task.Run(() =>
        {
            while (!churn.IsCancellationRequested)
            {
                at.Do(NetlinkFixture.Bridge("come", 0x50000001), new LinkDelete("come"));
                Thread.Sleep(Random.Shared.Next(pause));
            }
        });

        for (var i = 0; i < 30; i++)
            Assert.Equal(300, at.Reader.ReadLinks().Links.Count(static l => l.Name.StartsWith("stay", StringComparison.Ordinal)));

        churn.Cancel();
        churning.Wait();
    }

    [RootFact]
    public void TellsAddressProtocol_WithoutAnyAddress_AgreesWithWhatLoShows()
    {
        using var at = new NetlinkFixture();
        Assert.Empty(at.Reader.ReadAddresses().All);
        var tells = at.Reader.TellsAddressProtocol();

        at.Netns.Ip("link set lo up");

        // Linux 5.18 and later mark lo's own IPv6 address (IFAPROT_KERNEL_LO).
        Assert.Equal(tells ? 1 : 0, at.Reader.ReadAddresses().All.Single(static a => a.Text == "::1/128").Protocol);
    }

    [RootFact]
    public void HasVlanFiltering_WithAndWithoutABridge_AgreesWithWhatTheKernelAccepts()
    {
        using var at = new NetlinkFixture();
        var before = at.Reader.HasVlanFiltering(at.Reader.ReadLinks());
        at.Do(NetlinkFixture.Bridge("web0"));
        var after = at.Reader.HasVlanFiltering(at.Reader.ReadLinks());
        var accepted = at.Execute(new BridgeSet("web0", BridgeAttribute.VlanFiltering, 1))[0] is null;

        Assert.Equal(accepted, after);
        Assert.True(before is null || before == accepted);
        if (accepted)
            Assert.Equal([new BridgeVlan(1, 1, true, true)], at.Reader.ReadBridgeVlans().Of(at.Link("web0").Index));
        else
            Assert.Empty(at.Reader.ReadBridgeVlans().Of(at.Link("web0").Index));
    }
}
