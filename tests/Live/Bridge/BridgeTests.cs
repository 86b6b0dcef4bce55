using Provision.Reconciler;
using Provision.Spec;
using Provision.Testing;

namespace Provision.Drivers.Bridge;

/// <summary>Bridges from manifest to kernel, witnessed by ip(8).</summary>
public sealed class BridgeTests
{
    private const string Full =
        "addresses: [10.88.0.1/24, 10.88.0.2/24, 'fd00:88::1/64']; mtu: 1400; macAddress: 02:00:00:88:00:01;"
        + "stp: {enabled: true, priority: 4096, forwardDelay: 4s, helloTime: 3s, maxAge: 12s}; ageingTime: 123450ms; multicastSnooping: false;"
        + "multicastQuerier: true; multicastQueryInterval: 60010ms; multicastIgmpVersion: 3; multicastMldVersion: 2;"
        + "groupForwardMask: 8; ports: [{link: eth1, hairpin: true, isolated: true, cost: 9, priority: 7}, {link: eth2}]";

    [RootFact]
    public void Apply_EveryField_IsThereAndTheNextPlanIsEmpty()
    {
        using var bench = WithPorts();

        bench.Converge(BridgeBench.Manifest("web0", Full));

        var link = bench.Netns.Link("web0")!.Value;
        var data = link.GetProperty("linkinfo").GetProperty("info_data");
        Assert.Equal(1400, link.GetProperty("mtu").GetInt32());
        Assert.Equal("02:00:00:88:00:01", link.GetProperty("address").GetString());
        Assert.Contains("UP", link.GetProperty("flags").EnumerateArray().Select(static f => f.GetString()));
        Assert.Equal((400, 300, 1200, 12344, 1, 4096, 0), (
            data.GetProperty("forward_delay").GetInt32(), data.GetProperty("hello_time").GetInt32(), data.GetProperty("max_age").GetInt32(),
            data.GetProperty("ageing_time").GetInt32(), data.GetProperty("stp_state").GetInt32(), data.GetProperty("priority").GetInt32(),
            data.GetProperty("mcast_snooping").GetInt32()));
        Assert.Equal("0x8", data.GetProperty("group_fwd_mask").GetString());
        Assert.Equal((1, 6000, 3, 2), (
            data.GetProperty("mcast_querier").GetInt32(), data.GetProperty("mcast_query_intvl").GetInt32(),
            data.GetProperty("mcast_igmp_version").GetInt32(), data.GetProperty("mcast_mld_version").GetInt32()));
        Assert.Equal(["10.88.0.1/24", "10.88.0.2/24", "fd00:88::1/64"], bench.Netns.Addresses("web0"));
        var port = bench.Netns.Link("eth1")!.Value;
        var options = port.GetProperty("linkinfo").GetProperty("info_slave_data");
        Assert.Equal("web0", port.GetProperty("master").GetString());
        Assert.Equal((true, true, 9, 7), (options.GetProperty("hairpin").GetBoolean(), options.GetProperty("isolated").GetBoolean(),
            options.GetProperty("cost").GetInt32(), options.GetProperty("priority").GetInt32()));
        Assert.StartsWith("provision/v1 test default Bridge/web0 Delete ", link.GetProperty("ifalias").GetString(), StringComparison.Ordinal);
    }

    [RootFact]
    public void Apply_AfterEveryKindOfDamage_RepairsInOneGo()
    {
        using var bench = WithPorts();
        var set = BridgeBench.Parse(BridgeBench.Manifest("web0", Full));
        bench.Converge(set);
        foreach (var damage in (string[])
        [
            "link set web0 down", "link set web0 mtu 1000", "link set web0 address 02:00:00:00:00:99", "address delete 10.88.0.1/24 dev web0",
            "address add 10.88.0.9/24 dev web0", "address add fd00:99::1/64 dev web0", "link set web0 type bridge stp_state 0",
            "link set web0 type bridge ageing_time 100", "link set web0 type bridge mcast_snooping 1", "link set web0 type bridge mcast_querier 0",
            "link set web0 type bridge mcast_query_interval 300 mcast_igmp_version 2 mcast_mld_version 1", "link set web0 type bridge group_fwd_mask 0",
            "link set eth1 nomaster", "link set eth1 type bridge_slave isolated off", "link set eth3 master web0", "link set web0 group 0",
            "link set web0 name other", "link set web0 mtu 68", "link delete web0",
            "address change 10.88.0.1/24 dev web0 valid_lft 1000 preferred_lft 0", "address change fd00:88::1/64 dev web0 valid_lft 1000 preferred_lft 500",
            "address change fd00:88::1/64 dev web0 noprefixroute", "address add fe80::1234/64 dev web0",
        ])
        {
            Damage(bench, damage);
            var plan = bench.Plan(set).Plan;
            Assert.False(plan.IsEmpty, damage);
            bench.Converge(set);
        }

        Assert.Equal(["10.88.0.1/24", "10.88.0.2/24", "fd00:88::1/64"], bench.Netns.Addresses("web0"));
        Assert.DoesNotContain("fe80::1234", bench.Netns.Ip("address show dev web0"), StringComparison.Ordinal);
        Assert.Contains($"group {AliasMark.Group("test")} ", bench.Netns.Ip("link show dev web0"), StringComparison.Ordinal);
    }

    [RootFact]
    public void Apply_OfAnotherStack_LeavesABridgeInUseThatLostItsAlias()
    {
        using var bench = WithPorts();
        bench.Converge(BridgeBench.Manifest("web0", "addresses: [10.88.0.1/24]"));
        bench.Netns.Run("ip", "link", "set", "web0", "alias", "").Succeeded();
        Assert.False(bench.Netns.Link("web0")!.Value.TryGetProperty("ifalias", out _));

        bench.Converge(BridgeBench.Manifest("web1", "up: true"));
        Assert.NotNull(bench.Netns.Link("web0"));
        bench.Converge(BridgeBench.Manifest("web0", "addresses: [10.88.0.1/24]"));
        Assert.StartsWith("provision/v1 test default Bridge/web0 ", bench.Netns.Link("web0")!.Value.GetProperty("ifalias").GetString(), StringComparison.Ordinal);
    }

    [RootFact]
    public void Destroy_WithSomebodysLinkOnTop_IsRefusedUnlessForced()
    {
        using var bench = WithPorts();
        bench.Converge(BridgeBench.Manifest("web0", "up: true"));
        bench.Netns.Ip("link add mv0 link web0 type macvlan");

        var problem = Assert.Single(bench.Planner.PlanDestroy(bench.Scope, allStacks: false, new PlanOptions()).Diagnostics);
        Assert.Equal(BridgeCodes.LinksOnTop, problem.Code);
        Assert.Contains("mv0 (macvlan)", problem.Message, StringComparison.Ordinal);

        bench.Apply(bench.Planner.PlanDestroy(bench.Scope, allStacks: false, new PlanOptions { Force = true }));
        Assert.Null(bench.Netns.Link("web0"));
        Assert.Null(bench.Netns.Link("mv0"));
    }

    [RootFact]
    public void Plan_AfterDamage_TouchesOnlyWhatDiffers()
    {
        using var bench = WithPorts();
        var set = BridgeBench.Parse(BridgeBench.Manifest("web0", Full));
        bench.Converge(set);
        bench.Netns.Ip("link set web0 mtu 1300");
        Assert.Equal(["set link web0 mtu 1400"], bench.Operations(set));
        var change = Assert.Single(Assert.Single(bench.Plan(set).Plan.Changes).Fields);
        Assert.Equal(("mtu", Cause.Drift), (change.Path.ToString(), change.Cause));
    }

    [RootFact]
    public void Apply_RefusedAtAnyOperation_LeavesEverythingAsItWas()
    {
        using var bench = WithPorts();
        var before = BridgeBench.Parse(BridgeBench.Manifest("web0", "addresses: [10.88.0.1/24, 10.88.0.2/24, 10.88.0.3/24, 'fd00:88::1/64', 'fd00:88::2/64']; stp: {enabled: true}; ports: [{link: eth1, hairpin: true, cost: 5}]"));
        var after = BridgeBench.Parse(BridgeBench.Manifest("web0", "linkName: web1; addresses: [10.88.0.2/24, 10.99.0.1/24, 'fd00:88::2/64']; up: false; mtu: 1300; macAddress: 02:00:00:88:00:09; stp: {forwardDelay: 1s}; ageingTime: 10s; multicastQuerier: true; multicastQueryInterval: 1s; multicastMldVersion: 2; ports: [{link: eth2, isolated: true}]"));
        bench.Converge(before);
        var operations = bench.Operations(after);
        var state = State(bench, "web0");
        Assert.True(operations.Length >= 12, string.Join('\n', operations));

        foreach (var operation in operations)
        {
            bench.Refuse = operation;
            var result = bench.Apply(after);
            Assert.Null(bench.Refuse);
            Assert.True(result.Outcome == ApplyOutcome.RolledBack, $"{operation}: {result.Outcome}");
            Assert.Equal(state, State(bench, "web0"));
            Assert.Empty(bench.Operations(before));
        }

        bench.Converge(after);
        Assert.Null(bench.Netns.Link("web0"));
    }

    [RootFact]
    public void Apply_CreationRefusedAtAnyOperation_LeavesNothing()
    {
        using var bench = WithPorts();
        var set = BridgeBench.Parse(BridgeBench.Manifest("web0", Full));
        foreach (var operation in bench.Operations(set))
        {
            bench.Refuse = operation;
            Assert.Equal(ApplyOutcome.RolledBack, bench.Apply(set).Outcome);
            Assert.Null(bench.Netns.Link("web0"));
            Assert.Equal(0, bench.Reader.ReadLinks().Find("eth1")!.Master);
        }
    }

    [RootFact]
    public void Apply_UnfinishedCreation_IsCompletedOrRemoved()
    {
        using var bench = WithPorts();
        var set = BridgeBench.Parse(BridgeBench.Manifest("web0", "addresses: [10.88.0.1/24]"));
        var group = AliasMark.Group("test");
        bench.Netns.Ip($"link add web0 group {group} type bridge");
        bench.Netns.Ip($"link add left0 group {group} type bridge");
        bench.Netns.Ip("link add foreign0 type bridge");

        bench.Converge(set);

        Assert.NotNull(bench.Netns.Link("web0"));
        Assert.Null(bench.Netns.Link("left0"));
        Assert.NotNull(bench.Netns.Link("foreign0"));
    }

    [RootFact]
    public void Apply_ForeignBridge_IsRefusedUnderManageAndAdoptedUnderMerge()
    {
        using var bench = WithPorts();
        bench.Netns.Ip("link add web0 type bridge ageing_time 1000");
        bench.Netns.Ip("address add 10.1.0.1/24 dev web0");
        bench.Netns.Ip("link set eth3 master web0");

        Assert.Contains(bench.Plan(BridgeBench.Parse(BridgeBench.Manifest("web0", "mtu: 1400"))).Diagnostics, static d => d.Code == HostCodes.ForeignObject);

        bench.Converge(BridgeBench.Parse(BridgeBench.Manifest("web0", "mtu: 1400; addresses: [10.2.0.1/24]; ports: [{link: eth1, hairpin: true}]", "managementPolicy: Merge")));

        var link = bench.Netns.Link("web0")!.Value;
        Assert.Equal(1400, link.GetProperty("mtu").GetInt32());
        Assert.False(link.TryGetProperty("ifalias", out _));
        Assert.Equal("default", link.GetProperty("group").GetString());
        Assert.Equal(1000, link.GetProperty("linkinfo").GetProperty("info_data").GetProperty("ageing_time").GetInt32());
        Assert.Equal(["10.1.0.1/24", "10.2.0.1/24"], bench.Netns.Addresses("web0"));
        Assert.Equal(["eth1", "eth3"], bench.Reader.ReadLinks().PortsOf(bench.Reader.ReadLinks().Find("web0")!.Index).Select(static p => p.Name));
    }

    [RootFact]
    public void Apply_MergeOnALinkThatIsNoBridge_IsAnError()
    {
        using var bench = WithPorts();

        var plan = bench.Plan(BridgeBench.Parse(BridgeBench.Manifest("eth1", "mtu: 1400", "managementPolicy: Merge")));

        Assert.Equal(BridgeCodes.NotABridge, Assert.Single(plan.Diagnostics).Code);
    }

    [RootFact]
    public void Apply_PortOfAForeignBridgeOrNoPort_IsAnErrorBeforeTheFirstWrite()
    {
        using var bench = WithPorts();
        bench.Netns.Ip("link add docker0 type bridge");
        bench.Netns.Ip("link set eth1 master docker0");

        var plan = bench.Plan(BridgeBench.Parse(BridgeBench.Manifest("web0", "ports: [{link: eth1}, {link: gone}, {link: lo}, {link: docker0}]")));

        Assert.Equal(
            [BridgeCodes.NoSuchPort, BridgeCodes.PortInUse, BridgeCodes.CannotBePort, BridgeCodes.CannotBePort],
            plan.Diagnostics.Select(static d => d.Code).Order(StringComparer.Ordinal));
        Assert.Equal(4, plan.Diagnostics.Length);
        Assert.Null(bench.Netns.Link("web0"));
    }

    [RootFact]
    public void Apply_PortMovesFromBridgeToBridge_InOneGo()
    {
        using var bench = WithPorts();
        bench.Converge(BridgeBench.Parse(BridgeBench.Manifest("a", "ports: [{link: eth1, cost: 9}]"), BridgeBench.Manifest("b", "up: true")));

        bench.Converge(BridgeBench.Parse(BridgeBench.Manifest("a", "up: true"), BridgeBench.Manifest("b", "ports: [{link: eth1, hairpin: true}]")));

        Assert.Equal("b", bench.Netns.Link("eth1")!.Value.GetProperty("master").GetString());
        bench.Converge(BridgeBench.Parse(BridgeBench.Manifest("a", "ports: [{link: eth1, cost: 9}]"), BridgeBench.Manifest("b", "up: true")));
        Assert.Equal("a", bench.Netns.Link("eth1")!.Value.GetProperty("master").GetString());
    }

    [RootFact]
    public void Apply_PortOfAnotherProvisionResource_IsNotDrift()
    {
        using var bench = WithPorts();
        bench.Converge(BridgeBench.Manifest("web0", "up: true"));
        bench.Netns.Ip($"link set eth1 group {AliasMark.Group("other")}");
        bench.Netns.Ip("link set eth1 master web0");

        Assert.Empty(bench.Operations(BridgeBench.Parse(BridgeBench.Manifest("web0", "up: true"))));
        bench.Netns.Ip("link set eth2 master web0");
        Assert.Equal(["set link eth2 nomaster"], bench.Operations(BridgeBench.Parse(BridgeBench.Manifest("web0", "up: true"))));
    }

    [RootFact]
    public void Apply_MtuOmitted_FollowsThePorts()
    {
        using var bench = WithPorts();
        bench.Netns.Ip("link set eth1 mtu 1350");
        bench.Converge(BridgeBench.Manifest("web0", "ports: [{link: eth1}, {link: eth2}]"));
        Assert.Equal(1350, bench.Netns.Link("web0")!.Value.GetProperty("mtu").GetInt32());

        bench.Netns.Ip("link set web0 mtu 1200");
        bench.Converge(BridgeBench.Manifest("web0", "ports: [{link: eth1}, {link: eth2}]"));
        Assert.Equal(1350, bench.Netns.Link("web0")!.Value.GetProperty("mtu").GetInt32());
    }

    [RootFact]
    public void Apply_PortWithASmallMtuJoins_IPv6Survives()
    {
        using var bench = WithPorts();
        bench.Converge(BridgeBench.Manifest("web0", "mtu: 1500; addresses: ['fd00::1/64']"));
        bench.Netns.Ip("link set eth1 mtu 1000");

        bench.Converge(BridgeBench.Manifest("web0", "mtu: 1500; addresses: ['fd00::1/64']; ports: [{link: eth1}]"));

        Assert.Equal(["fd00::1/64"], bench.Netns.Addresses("web0"));
        Assert.Equal(1500, bench.Netns.Link("web0")!.Value.GetProperty("mtu").GetInt32());
    }

    [RootFact]
    public void Apply_VlanFilteringWhereTheKernelHasNone_IsAnErrorBeforeTheFirstWrite()
    {
        using var bench = WithPorts();
        if (bench.Reader.HasVlanFiltering(bench.Reader.ReadLinks()) != false)
            return; // the other half of this is for kernels with VLAN filtering

        var plan = bench.Plan(BridgeBench.Parse(BridgeBench.Manifest("web0", "vlanFiltering: true")));

        Assert.Equal(BridgeCodes.NotInKernel, Assert.Single(plan.Diagnostics).Code);
    }

    [RootFact]
    public void Destroy_AfterRename_FindsTheBridgeByItsMark()
    {
        using var bench = WithPorts();
        bench.Converge(BridgeBench.Manifest("web0", Full));
        bench.Netns.Rename("web0", "other");
        bench.Netns.Ip("link add web0 type bridge");

        bench.Apply(bench.Planner.PlanDestroy(bench.Scope, allStacks: false, new PlanOptions()));

        Assert.Null(bench.Netns.Link("other"));
        Assert.NotNull(bench.Netns.Link("web0"));
        Assert.Equal(0, bench.Reader.ReadLinks().Find("eth1")!.Master);
    }

    [RootFact]
    public void Destroy_Orphan_LeavesTheBridgeWithoutAMark()
    {
        using var bench = WithPorts();
        bench.Converge(BridgeBench.Parse(BridgeBench.Manifest("web0", "addresses: [10.0.0.1/24]", "deletionPolicy: Orphan")));

        bench.Apply(bench.Planner.PlanDestroy(bench.Scope, allStacks: false, new PlanOptions()));

        var link = bench.Netns.Link("web0")!.Value;
        Assert.False(link.TryGetProperty("ifalias", out _));
        Assert.Equal("default", link.GetProperty("group").GetString());
        Assert.Equal(["10.0.0.1/24"], bench.Netns.Addresses("web0"));
        Assert.True(bench.Planner.PlanDestroy(bench.Scope, false, new PlanOptions()).Plan.IsEmpty);
    }

    [RootFact]
    public void Plan_OfSuspectsOnly_SeesTheSameAsAFullPlan()
    {
        using var bench = WithPorts();
        var set = BridgeBench.Parse(BridgeBench.Manifest("web0", Full), BridgeBench.Manifest("web1", "mtu: 1400"));
        bench.Converge(set);
        var only = new PlanOptions { Only = new HashSet<ResourceId> { new("Bridge", "web0") } };
        Assert.True(bench.Plan(set, only).Plan.IsEmpty);

        foreach (var damage in (string[])["link set eth1 nomaster", "link set eth3 master web0", "address add 10.9.9.9/24 dev web0", "link set web0 name other", "link delete web0"])
        {
            Damage(bench, damage);
            Assert.Equal(bench.Operations(set), bench.Operations(set, only));
            bench.Converge(set, only);
        }
    }

    private static void Damage(BridgeBench bench, string damage)
    {
        if (damage.Split(' ') is ["link", "set", var link, "name", var name])
            bench.Netns.Rename(link, name);
        else
            bench.Netns.Ip(damage);
    }

    internal static BridgeBench WithPorts()
    {
        var bench = new BridgeBench();
        foreach (var name in (string[])["eth1", "eth2", "eth3"])
            bench.Netns.Ip($"link add {name} type veth peer name {name}p");
        return bench;
    }

    // Everything that is declared, as ip(8) shows it; learned state and the names of nobody's business left out.
    internal static string State(BridgeBench bench, string name)
    {
        var link = bench.Netns.Link(name)!.Value;
        var data = link.GetProperty("linkinfo").GetProperty("info_data");
        var parts = new List<string>
        {
            link.GetProperty("mtu").ToString(), link.GetProperty("address").ToString(), link.GetProperty("ifalias").ToString(),
            link.GetProperty("group").ToString(), string.Join(' ', link.GetProperty("flags").EnumerateArray().Select(static f => f.ToString()).Where(static f => f is "UP")),
        };
        parts.AddRange(((string[])["forward_delay", "hello_time", "max_age", "ageing_time", "stp_state", "priority", "mcast_snooping", "mcast_querier", "mcast_query_intvl", "mcast_igmp_version", "mcast_mld_version", "group_fwd_mask"])
            .Select(n => data.GetProperty(n).ToString()));
        parts.AddRange(bench.Netns.Addresses(name));
        foreach (var port in (string[])["eth1", "eth2", "eth3"])
        {
            var shown = bench.Netns.Link(port)!.Value;
            if (shown.TryGetProperty("master", out var master))
                parts.Add($"{port} {master} " + string.Join(' ', ((string[])["hairpin", "isolated", "cost", "priority"])
                    .Select(n => shown.GetProperty("linkinfo").GetProperty("info_slave_data").GetProperty(n).ToString())));
        }

        return string.Join('\n', parts);
    }
}
