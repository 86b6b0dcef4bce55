using Provision.Testing;

namespace Provision.Drivers.Bridge;

/// <summary>Links of every kind as ports: what the kernel takes is applied, what it refuses is an error with the reason before the first write.</summary>
public sealed class PortKindTests
{
    [RootTheory]
    [InlineData("veth", "link add p0 type veth peer name p0p")]
    [InlineData("vxlan", "link add p0 type vxlan id 5 dstport 4789")]
    [InlineData("macvlan", "link add below type veth peer name belowp; link add link below name p0 type macvlan mode bridge")]
    [InlineData("macvlan passthru", "link add below type veth peer name belowp; link add link below name p0 type macvlan mode passthru")]
    [InlineData("tap", "tuntap add p0 mode tap")]
    [InlineData("ifb", "link add p0 type ifb")]
    public void Apply_PortThatTheKernelTakes_IsAPort(string kind, string setup) => Takes(kind, setup);

    [Trait("Needs", "link-kinds")]
    [RootTheory]
    [InlineData("dummy", "link add p0 type dummy")]
    [InlineData("vlan", "link add below type dummy; link add link below name p0 type vlan id 5")]
    [InlineData("bond", "link add p0 type bond")]
    [InlineData("below a vlan", "link add p0 type dummy; link add link p0 name above type vlan id 5")]
    public void Apply_PortOfAFullKernelThatTheKernelTakes_IsAPort(string kind, string setup) => Takes(kind, setup);

    [RootTheory]
    [InlineData("bridge", "link add p0 type bridge")]
    [InlineData("tun", "tuntap add p0 mode tun")]
    [InlineData("below a macvlan", "link add p0 type veth peer name p0p; link add link p0 name above type macvlan")]
    public void Plan_PortThatTheKernelRefuses_IsAnErrorWithTheReason(string kind, string setup) => Refuses(kind, setup);

    [Trait("Needs", "link-kinds")]
    [RootTheory]
    [InlineData("wireguard", "link add p0 type wireguard")]
    [InlineData("ipvlan l2", "link add below type dummy; link add link below name p0 type ipvlan mode l2")]
    [InlineData("ipvlan l3", "link add below type dummy; link add link below name p0 type ipvlan mode l3")]
    [InlineData("macvtap", "link add below type dummy; link add link below name p0 type macvtap")]
    [InlineData("vrf", "link add p0 type vrf table 77")]
    [InlineData("below an ipvlan", "link add p0 type dummy; link add link p0 name above type ipvlan")]
    public void Plan_PortOfAFullKernelThatTheKernelRefuses_IsAnErrorWithTheReason(string kind, string setup) => Refuses(kind, setup);

    [Trait("Needs", "link-kinds")]
    [RootTheory]
    [InlineData("link add b0 type bond; link add p0 type dummy; link set p0 master b0")]
    [InlineData("link add b0 type vrf table 77; link add p0 type dummy; link set p0 master b0")]
    public void Plan_PortThatSomethingElseHas_IsNotTakenFromIt(string setup)
    {
        using var bench = With(setup);

        var problem = Assert.Single(bench.Plan(BridgeBench.Parse(BridgeBench.Manifest("web0", "ports: [{link: p0}]"))).Diagnostics);

        Assert.Equal(BridgeCodes.PortInUse, problem.Code);
        Assert.Contains("b0", problem.Message, StringComparison.Ordinal);
        Assert.Equal("b0", bench.Netns.Link("p0")!.Value.GetProperty("master").GetString());
    }

    private static void Takes(string kind, string setup)
    {
        using var bench = With(setup);
        bench.Converge(BridgeBench.Manifest("web0", "mtu: 1400; ports: [{link: p0, hairpin: true, cost: 9}]"));

        var port = bench.Netns.Link("p0")!.Value;
        Assert.True(port.GetProperty("master").GetString() == "web0", kind);
        Assert.True(port.GetProperty("linkinfo").GetProperty("info_slave_data").GetProperty("hairpin").GetBoolean(), kind);
        bench.Converge(BridgeBench.Manifest("web0", "mtu: 1400"));
        Assert.False(bench.Netns.Link("p0")!.Value.TryGetProperty("master", out _), kind);
    }

    private static void Refuses(string kind, string setup)
    {
        using var bench = With(setup);
        bench.Netns.Ip("link add foreign0 type bridge");
        Assert.True(bench.Netns.Run("ip", "link", "set", "p0", "master", "foreign0").ExitCode != 0, $"{kind}: the kernel takes it");

        var problem = Assert.Single(bench.Plan(BridgeBench.Parse(BridgeBench.Manifest("web0", "ports: [{link: p0}]"))).Diagnostics);

        Assert.Equal(BridgeCodes.CannotBePort, problem.Code);
        Assert.Contains("p0", problem.Message, StringComparison.Ordinal);
        Assert.Equal(5, problem.Span.Line);
        Assert.Null(bench.Netns.Link("web0"));
    }

    private static BridgeBench With(string setup)
    {
        var bench = new BridgeBench();
        foreach (var command in setup.Split(';', StringSplitOptions.TrimEntries))
            bench.Netns.Ip(command);
        return bench;
    }
}
