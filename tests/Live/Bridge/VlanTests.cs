using System.Text.Json;
using CsCheck;
using Provision.Reconciler;
using Provision.Testing;

namespace Provision.Drivers.Bridge;

/// <summary>VLAN filtering, witnessed by bridge(8): ids, ranges, PVID, untagged, and the default that new ports get.</summary>
[Trait("Needs", "bridge-vlan")]
public sealed class VlanTests
{
    private static readonly string[] Ports = ["eth1", "eth2", "eth3"];

    [RootFact]
    public void Apply_RangesPvidAndUntagged_AreThereAndTheNextPlanIsEmpty()
    {
        using var bench = WithPorts();

        bench.Converge(BridgeBench.Manifest("web0",
            "vlanFiltering: true; ports: [{link: eth1, vlans: [{id: 10, pvid: true, untagged: true}, {id: 20-30}, {id: 4094, untagged: true}]}, {link: eth2, vlans: []}, {link: eth3}]"));

        Assert.Equal(["10 pvid untagged", .. Enumerable.Range(20, 11).Select(static i => $"{i}"), "4094 untagged"], Vlans(bench, "eth1"));
        Assert.Empty(Vlans(bench, "eth2"));
        Assert.Equal(["1 pvid untagged"], Vlans(bench, "eth3"));
        Assert.Equal(1, Setting(bench, "vlan_filtering"));
    }

    [RootFact]
    public void Plan_AfterEveryKindOfVlanDamage_IsExactlyItsRepair()
    {
        using var bench = WithPorts();
        var set = BridgeBench.Parse(BridgeBench.Manifest("web0",
            "vlanFiltering: true; vlanDefaultPvid: 7; ports: [{link: eth1, vlans: [{id: 10, pvid: true, untagged: true}, {id: 20-22}]}]"));
        bench.Converge(set);
        var before = Vlans(bench, "eth1");
        foreach (var (damage, repair) in ((string, string[])[])
        [
            ("vlan delete vid 21 dev eth1", ["delete vlan 22 dev eth1", "delete vlan 20 dev eth1", "add vlan 20-22 dev eth1"]),
            ("vlan add vid 33 dev eth1", ["delete vlan 33 dev eth1"]),
            ("vlan add vid 10 dev eth1", ["add vlan 10 dev eth1 pvid untagged"]),
            ("vlan add vid 22 pvid dev eth1", []),
        ])
        {
            bench.Netns.Run("bridge", damage.Split(' ')).Succeeded();
            var operations = bench.Operations(set);
            Assert.NotEmpty(operations);
            if (repair.Length > 0)
                Assert.Equal(repair.Order(), operations.Order());
            bench.Converge(set);
            Assert.Equal(before, Vlans(bench, "eth1"));
        }

        bench.Netns.Ip("link set web0 type bridge vlan_filtering 0");
        Assert.Equal(["set bridge web0 vlan_filtering 1"], bench.Operations(set));
        bench.Netns.Ip("link set web0 type bridge vlan_default_pvid 9");
        bench.Converge(set);
        Assert.Equal(7, Setting(bench, "vlan_default_pvid"));
        Assert.Equal(before, Vlans(bench, "eth1"));
    }

    [RootFact]
    public void Apply_AnotherDefault_MovesOnlyPortsWithoutVlansOfTheirOwn()
    {
        using var bench = WithPorts();
        const string ports = "ports: [{link: eth1, vlans: [{id: 1, pvid: true, untagged: true}, {id: 30}]}, {link: eth2}]";
        bench.Converge(BridgeBench.Manifest("web0", $"vlanFiltering: true; {ports}"));

        bench.Converge(BridgeBench.Manifest("web0", $"vlanFiltering: true; vlanDefaultPvid: 50; {ports}"));

        Assert.Equal(["1 pvid untagged", "30"], Vlans(bench, "eth1"));
        Assert.Equal(["50 pvid untagged"], Vlans(bench, "eth2"));
        bench.Converge(BridgeBench.Manifest("web0", $"vlanFiltering: true; vlanDefaultPvid: 0; {ports}"));
        Assert.Equal(["1 pvid untagged", "30"], Vlans(bench, "eth1"));
        Assert.Empty(Vlans(bench, "eth2"));
        bench.Converge(BridgeBench.Manifest("web0", $"vlanFiltering: true; vlanDefaultPvid: 30; {ports}"));
        Assert.Equal(["1 pvid untagged", "30"], Vlans(bench, "eth1"));
    }

    [RootFact]
    public void Apply_NewBridgeWithItsOwnDefault_GivesItToNewPorts()
    {
        using var bench = WithPorts();

        bench.Converge(BridgeBench.Manifest("web0",
            "vlanFiltering: true; vlanDefaultPvid: 50; ports: [{link: eth1}, {link: eth2, vlans: [{id: 2}]}, {link: eth3, vlans: [{id: 49-51}]}]"));

        Assert.Equal(["50 pvid untagged"], Vlans(bench, "eth1"));
        Assert.Equal(["2"], Vlans(bench, "eth2"));
        Assert.Equal(["49", "50", "51"], Vlans(bench, "eth3"));
    }

    [RootFact]
    public void Apply_AnotherDefaultWhileTheBridgeHasNoMacAddress_WaitsForAPortOrIsRefused()
    {
        using var bench = WithPorts();
        bench.Converge(BridgeBench.Manifest("web0", "ports: [{link: eth1}]"));
        bench.Converge(BridgeBench.Manifest("web0", "ports: []"));
        Assert.Equal("00:00:00:00:00:00", bench.Netns.Link("web0")!.Value.GetProperty("address").GetString());

        var refused = bench.Plan(BridgeBench.Parse(BridgeBench.Manifest("web0", "vlanDefaultPvid: 9")));
        Assert.Equal(BridgeCodes.NoMacAddress, Assert.Single(refused.Diagnostics).Code);
        Assert.NotEqual(0, bench.Netns.Run("ip", "link", "set", "web0", "type", "bridge", "vlan_default_pvid", "9").ExitCode);

        bench.Converge(BridgeBench.Manifest("web0", "vlanFiltering: true; vlanDefaultPvid: 9; ports: [{link: eth1, vlans: [{id: 3}]}, {link: eth2}]"));
        Assert.Equal(["3"], Vlans(bench, "eth1"));
        Assert.Equal(["9 pvid untagged"], Vlans(bench, "eth2"));
        bench.Converge(BridgeBench.Manifest("web0", "vlanDefaultPvid: 8; ports: []"));
        bench.Converge(BridgeBench.Manifest("web0", "vlanDefaultPvid: 7; macAddress: 02:00:00:88:00:07"));
        Assert.Equal(7, Setting(bench, "vlan_default_pvid"));
    }

    [RootFact]
    public void Apply_AnyVlansToAnyOthers_ConvergesAndUnwinds()
    {
        using var bench = WithPorts();
        var vlans = Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3].Array[7], static (pvid, kinds) => string.Join(", ", kinds
            .Select((kind, i) => (kind, id: i + 1)).Where(static k => k.kind > 0)
            .Select(k => $"{{id: {k.id}, pvid: {(k.id == pvid ? "true" : "false")}, untagged: {(k.kind == 2 ? "true" : "false")}}}")));
        var spec = Gen.Select(Gen.Bool, Gen.Int[0, 6], Gen.Int[0, 7], Gen.Select(vlans, vlans, Gen.Bool),
            static (filtering, pvid, on, lists) => string.Join("; ",
            [
                "macAddress: 02:00:00:88:00:01", $"vlanFiltering: {(filtering ? "true" : "false")}", $"vlanDefaultPvid: {pvid}",
                $"ports: [{string.Join(", ", Ports.Select((p, i) => (Name: p, Vlans: i == 0 ? lists.Item1 : i == 1 || lists.Item3 ? lists.Item2 : null, On: (on & (1 << i)) != 0))
                    .Where(static p => p.On).Select(static p => p.Vlans is null ? $"{{link: {p.Name}}}" : $"{{link: {p.Name}, vlans: [{p.Vlans}]}}"))}]",
            ]));

        Gen.Select(spec, spec, Gen.Int[0, 1000]).Sample(
            (before, after, failure) =>
            {
                var (a, b) = (BridgeBench.Parse(BridgeBench.Manifest("web0", before)), BridgeBench.Parse(BridgeBench.Manifest("web0", after)));
                bench.Converge(a);
                var operations = bench.Operations(b);
                if (operations.Length > 0)
                {
                    var seen = Seen(bench);
                    bench.Refuse = operations[failure % operations.Length];
                    Assert.Equal(ApplyOutcome.RolledBack, bench.Apply(b).Outcome);
                    Assert.Equal(seen, Seen(bench));
                    Assert.Empty(bench.Operations(a));
                }

                bench.Converge(b);
            },
            iter: 30,
            threads: 1);
    }

    private static string[] Seen(BridgeBench bench) =>
        [.. Ports.SelectMany(p => Vlans(bench, p).Prepend(p)), $"{Setting(bench, "vlan_filtering")} {Setting(bench, "vlan_default_pvid")}"];

    private static int Setting(BridgeBench bench, string name) =>
        bench.Netns.Link("web0")!.Value.GetProperty("linkinfo").GetProperty("info_data").GetProperty(name).GetInt32();

    // One text a VLAN: "10 pvid untagged".
    private static string[] Vlans(BridgeBench bench, string port)
    {
        var shown = bench.Netns.Run("bridge", "-j", "vlan", "show", "dev", port).Succeeded().Json.EnumerateArray()
            .SelectMany(static p => p.GetProperty("vlans").EnumerateArray());
        return [.. shown.SelectMany(Texts)];

        static IEnumerable<string> Texts(JsonElement vlan)
        {
            var first = vlan.GetProperty("vlan").GetInt32();
            var last = vlan.TryGetProperty("vlanEnd", out var end) ? end.GetInt32() : first;
            var flags = vlan.TryGetProperty("flags", out var set) ? set.EnumerateArray().Select(static f => f.GetString()!) : [];
            var text = string.Concat(((string[])["PVID", "Egress Untagged"]).Where(flags.Contains).Select(static f => f == "PVID" ? " pvid" : " untagged"));
            return Enumerable.Range(first, last - first + 1).Select(i => $"{i}{text}");
        }
    }

    private static BridgeBench WithPorts()
    {
        var bench = new BridgeBench();
        foreach (var name in Ports)
            bench.Netns.Ip($"link add {name} type veth peer name {name}p");
        return bench;
    }
}
