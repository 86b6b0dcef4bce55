using Provision.Kernel.Containers;
using Provision.Kernel.Sandbox;
using Provision.Testing;

namespace Provision.Kernel.Supervise;

/// <summary>Changes under which a container keeps its process, with /proc and ip(8) as the witnesses.</summary>
public sealed class InPlaceTests : IDisposable
{
    private readonly SupervisorBench _bench = new();

    public InPlaceTests()
    {
        _bench.Netns.Ip("link add br0 type bridge");
        _bench.Netns.Ip("link set br0 up");
        _bench.Netns.Ip("addr add 10.77.0.1/24 dev br0");
        _bench.Supervise();
    }

    public void Dispose() => _bench.Dispose();

    [RootFact]
    public void Update_EachPart_ShowsInTheKernelAndKeepsTheProcess()
    {
        var order = _bench.Order("web", "sleep 100000") with { Stop = new StopSpec(9) };
        _bench.Start(order);
        var pid = _bench.Live("web").Process!.Pid;
        order = order with
        {
            Sandbox = order.Sandbox with { Rlimits = [new RlimitSpec(RlimitResource.Nofile, 100, 200)], OomScoreAdj = 321, Hostname = "renamed" },
            Restart = new RestartSpec(RestartPolicyKind.Always, 10),
            Logging = new LoggingSpec(8192, 2),
        };

        foreach (var part in Enum.GetValues<ContainerPart>())
            _bench.Do(new ContainerUpdate(_bench.Name, part, order));

        var live = _bench.Live("web");
        Assert.Equal(pid, live.Process!.Pid);
        Assert.Matches(@"Max open files\s+100\s+200 ", File.ReadAllText($"/proc/{pid}/limits"));
        Assert.Equal("321\n", File.ReadAllText($"/proc/{pid}/oom_score_adj"));
        Assert.Equal("renamed", Command.Run("nsenter", [$"--uts=/proc/{pid}/ns/uts", "hostname"]).Succeeded().Out.Trim());
        Assert.Equal((100UL, 200UL), live.Process.Rlimits[RlimitResource.Nofile]);
        Assert.Equal((321, "renamed"), (live.Process.OomScoreAdj, live.Process.Hostname));
        Assert.Equal(SuperviseJson.Text(order), SuperviseJson.Text(live.Order!));

        // The policy that was changed while it ran is the one that counts when it ends.
        SupervisorBench.Kill(pid);
        Assert.Equal(1, _bench.Until("web", c => c.Process is { } p && p.Pid != pid).Run!.Restarts);
    }

    [RootFact]
    public void Update_AHardLimitRaisedWithoutTheCapability_NamesIt()
    {
        _bench.KillSupervisor();
        _bench.Netns.Run("setpriv", "--bounding-set=-sys_resource", SupervisorBench.Program, "supervise", "--instance", _bench.Name, "--detach").Succeeded();
        var order = _bench.Order("web", "sleep 100000") with { Stop = new StopSpec(9) };
        order = order with { Sandbox = order.Sandbox with { Rlimits = [new RlimitSpec(RlimitResource.Nofile, 100, 200)] } };
        _bench.Start(order);

        var error = _bench.Perform(new ContainerUpdate(_bench.Name, ContainerPart.Rlimits, order with { Sandbox = order.Sandbox with { Rlimits = [new RlimitSpec(RlimitResource.Nofile, 100, 300)] } }));

        Assert.Equal(Errno.EPERM, error!.Errno);
        Assert.Contains("CAP_SYS_RESOURCE", error.ToString());
        Assert.Equal((100UL, 200UL), _bench.Live("web").Process!.Rlimits[RlimitResource.Nofile]);
    }

    [RootFact]
    public void Start_WithANetwork_TalksOverTheBridge()
    {
        var order = With(_bench.Order("web", "ping -c 1 -W 60 10.77.0.1 && echo talked; sleep 100000"), Attachment("10.77.0.2/24"));
        _bench.Start(order);

        _bench.UntilLogged("web", "talked");
        var live = _bench.Live("web").Interfaces["eth0"];
        Assert.Equal("br0", live.Bridge);
        Assert.Equal("02:00:00:77:00:02", live.Mac);
        Assert.Equal(["10.77.0.2/24"], live.Addresses.AsEnumerable());
        Assert.Equal([new RouteSpec("default", "10.77.0.1")], live.Routes.AsEnumerable());
        Assert.Contains("Container/web", _bench.Netns.Link(live.HostEnd!)!.Value.GetProperty("ifalias").GetString());
    }

    [RootFact]
    public void SetInterface_AfterForeignHands_PutsItRightAndKeepsTheProcess()
    {
        _bench.Start(With(_bench.Order("web", "sleep 100000"), Attachment("10.77.0.2/24")));
        var pid = _bench.Live("web").Process!.Pid;
        foreach (var change in (string[])["addr add 10.99.0.1/24 dev eth0", "addr del 10.77.0.2/24 dev eth0", "route add 10.55.0.0/16 dev eth0", "link set eth0 address 02:00:00:00:00:99"])
            Command.Run("nsenter", [$"--net=/proc/{pid}/ns/net", "ip", .. change.Split(' ')]).Succeeded();

        _bench.Do(new ContainerNetworkSet(_bench.Name, "web", Attachment("10.77.0.3/24")));

        var live = _bench.Live("web");
        Assert.Equal(pid, live.Process!.Pid);
        var eth0 = live.Interfaces["eth0"];
        Assert.Equal(["10.77.0.3/24"], eth0.Addresses.AsEnumerable());
        Assert.Equal([new RouteSpec("default", "10.77.0.1")], eth0.Routes.AsEnumerable());
        Assert.Equal("02:00:00:77:00:02", eth0.Mac);
        Assert.Equal("10.77.0.3/24", Assert.Single(live.Order!.Sandbox.Networks).Addresses[0]);
    }

    [RootFact]
    public void SetInterface_OnePulledOut_IsMadeAgain()
    {
        _bench.Start(With(_bench.Order("web", "sleep 100000"), Attachment("10.77.0.2/24")));
        var before = _bench.Live("web");
        _bench.Netns.Ip($"link delete {before.Interfaces["eth0"].HostEnd}");
        Assert.Empty(_bench.Live("web").Interfaces);

        _bench.Do(new ContainerNetworkSet(_bench.Name, "web", Attachment("10.77.0.2/24")));

        var after = _bench.Live("web");
        Assert.Equal(before.Process!.Pid, after.Process!.Pid);
        Assert.Equal(before.Interfaces["eth0"].Addresses, after.Interfaces["eth0"].Addresses.AsEnumerable());
    }

    [RootFact]
    public void Interfaces_AddedAndTakenOut_KeepTheProcess()
    {
        _bench.Start(_bench.Order("web", "sleep 100000"));
        var pid = _bench.Live("web").Process!.Pid;

        _bench.Do(new ContainerNetworkSet(_bench.Name, "web", Attachment("10.77.0.2/24")));
        Assert.Equal("br0", _bench.Live("web").Interfaces["eth0"].Bridge);
        _bench.Do(new ContainerNetworkRemove(_bench.Name, "web", "eth0"));

        var live = _bench.Live("web");
        Assert.Equal(pid, live.Process!.Pid);
        Assert.Empty(live.Interfaces);
        Assert.Empty(live.Order!.Sandbox.Networks);
    }

    [RootFact]
    public void Start_OnABridgeThatIsNot_IsAnErrorAndLeavesNothing()
    {
        var error = _bench.Perform(new ContainerStart(_bench.Name, With(_bench.Order("web", "sleep 100000"), Attachment("10.77.0.2/24") with { Bridge = "nobr0" })));

        Assert.Contains("nobr0", error!.ToString());
        Assert.False(_bench.Live("web").Populated);
        Assert.DoesNotContain("pv", _bench.Netns.Ip("-brief link"));
    }

    private static NetworkAttachment Attachment(string address) =>
        new("br0", "eth0", "02:00:00:77:00:02", [address], [new RouteSpec("default", "10.77.0.1")]);

    private static ContainerOrder With(ContainerOrder order, NetworkAttachment attachment) =>
        order with { Sandbox = order.Sandbox with { Networks = [attachment] }, Stop = new StopSpec(9) };
}
