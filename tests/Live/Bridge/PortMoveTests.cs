using Provision.Reconciler;
using Provision.Testing;
using static Provision.Drivers.Bridge.BridgeTests;

namespace Provision.Drivers.Bridge;

/// <summary>Ports that come, and that another bridge takes, witnessed by ip(8).</summary>
public sealed class PortMoveTests
{
    [RootFact]
    public void Apply_RenameOfTheBridgeThatGivesAPortUp_IsTakenBackWhereverItFails()
    {
        using var bench = WithPorts();
        var before = BridgeBench.Parse(BridgeBench.Manifest("web0", "mtu: 1400; macAddress: 02:00:00:88:00:01"), BridgeBench.Manifest("db0", "linkName: db1; macAddress: 02:00:00:88:00:02; ports: [{link: eth1, isolated: true, cost: 5}, {link: eth2}]"));
        var after = BridgeBench.Parse(
            BridgeBench.Manifest("web0", "mtu: 1300; macAddress: 02:00:00:88:00:01; ports: [{link: eth1, hairpin: true}]"), BridgeBench.Manifest("db0", "linkName: db2; macAddress: 02:00:00:88:00:02; ageingTime: 10s; ports: [{link: eth2}]"));
        bench.Converge(before);
        var (state, other) = (State(bench, "db1"), State(bench, "web0"));
        var operations = bench.Operations(after);
        Assert.Contains("set link db1 name db2", operations);

        foreach (var operation in operations)
        {
            bench.Refuse = operation;
            Assert.Equal((operation, ApplyOutcome.RolledBack), (operation, bench.Apply(after).Outcome));
            Assert.Equal((state, other), (State(bench, "db1"), State(bench, "web0")));
            Assert.Empty(bench.Operations(before));
        }

        bench.Converge(after);
        Assert.Equal("web0", bench.Netns.Link("eth1")!.Value.GetProperty("master").GetString());
    }

    [RootFact]
    public void Apply_StatedMtuThatIsThereAlready_StaysWhateverPortComes()
    {
        using var bench = WithPorts();
        bench.Netns.Ip("link set eth3 mtu 1300");
        // A bridge that is made with it, and one that had it by chance.
        bench.Converge(BridgeBench.Manifest("db0", "up: true"));
        bench.Converge(BridgeBench.Parse(BridgeBench.Manifest("web0", "mtu: 1500"), BridgeBench.Manifest("db0", "mtu: 1500")));

        foreach (var bridge in (string[])["web0", "db0"])
        {
            bench.Netns.Ip($"link set eth3 master {bridge}");
            Assert.Equal(1500, bench.Netns.Link(bridge)!.Value.GetProperty("mtu").GetInt32());
        }
    }
}
