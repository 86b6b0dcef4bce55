using Provision.Kernel.Containers;
using Provision.Kernel.Sandbox;
using Provision.Testing;

namespace Provision.Kernel.Supervise;

/// <summary>Containers that do what they should not, and hosts that meddle.</summary>
public sealed class MeddlingTests : IDisposable
{
    private readonly SupervisorBench _bench = new();

    public MeddlingTests() => _bench.Supervise();

    public void Dispose() => _bench.Dispose();

    [RootFact]
    public void Stop_OneFrozenFromOutsideOrStoppedByItself_EndsAndStartsAgain()
    {
        var order = _bench.Order("web", "trap '' TERM; sleep 100000 & kill -STOP $!; echo ready; while :; do sleep 0.1; done") with { Stop = new StopSpec(15, 100) };
        _bench.Start(order);
        _bench.UntilLogged("web", "ready");
        if (Hierarchies.Unified is { } unified)
            File.WriteAllText($"{unified}/{order.Cgroup}/cgroup.freeze", "1");

        _bench.Do(new ContainerStop(_bench.Name, "web", order.Cgroup));

        Assert.Equal(RunState.Stopped, _bench.Live("web").Run!.State);
        Assert.False(_bench.Live("web").Populated);
        _bench.Start(order);
        Assert.True(_bench.Live("web").IsRunning);
    }

    [RootFact]
    public void Exit_WithItsOutputHeldByOneThatWasTakenOut_IsNoticedAndLogged()
    {
        var order = _bench.Order("web", "sleep 100000 & echo child; while [ ! -e /go ]; do sleep 0.1; done; echo last; exit 3");
        _bench.Start(order with { Sandbox = order.Sandbox with { Namespaces = new NamespaceSet { Pid = NamespaceChoice.Host } } });
        _bench.UntilLogged("web", "child");
        var init = _bench.Live("web").Process!.Pid;
        var child = int.Parse(Command.Run("pgrep", ["-P", $"{init}", "-f", "sleep 100000"]).Succeeded().Out);
        try
        {
            foreach (var hierarchy in Hierarchies.All)
                File.WriteAllText($"{hierarchy}/cgroup.procs", $"{child}");
            File.WriteAllText($"/proc/{init}/root/go", "");

            Assert.Equal(3, _bench.Until("web", static c => c.Run!.State == RunState.Exited).Run!.LastExit!.Status);
            Assert.Equal("child\nlast\n", _bench.Log("web"));
            Assert.True(SupervisorBench.IsAlive(child));
        }
        finally
        {
            SupervisorBench.Kill(child);
        }
    }

    // v1 lets a process be put where none may be made.
    [RootFact]
    [Trait("Needs", "cgroup-v2")]
    public void Start_WithThePidsSpent_NamesThem()
    {
        var order = _bench.Order("web", "sleep 100000");
        File.WriteAllText($"{_bench.Leaf("web", "pids")}/pids.max", "0");

        var error = _bench.Perform(new ContainerStart(_bench.Name, order))!;

        Assert.Equal(Errno.EAGAIN, error.Errno);
        Assert.Contains("pids.max", error.ToString());
        Assert.False(_bench.Live("web").Populated);
    }

    [RootFact]
    public void Update_OfLimitsAndScore_ReachesProcessesOtherThanTheFirst()
    {
        var order = _bench.Order("web", "sleep 100001 & sleep 100002 & echo ready; wait");
        _bench.Start(order);
        _bench.UntilLogged("web", "ready");
        order = order with { Sandbox = order.Sandbox with { Rlimits = [new RlimitSpec(RlimitResource.Nofile, 100, 200)], OomScoreAdj = 321 } };

        _bench.Do(new ContainerUpdate(_bench.Name, ContainerPart.Rlimits, order));
        _bench.Do(new ContainerUpdate(_bench.Name, ContainerPart.OomScoreAdj, order));

        var pids = File.ReadAllLines($"{_bench.Leaf("web", "memory")}/cgroup.procs");
        Assert.Equal(3, pids.Length);
        foreach (var pid in pids)
        {
            Assert.Matches(@"Max open files\s+100\s+200 ", File.ReadAllText($"/proc/{pid}/limits"));
            Assert.Equal("321\n", File.ReadAllText($"/proc/{pid}/oom_score_adj"));
        }
    }

    [RootFact]
    public void Update_OfLogLimits_CountsForWhatIsWrittenAfterIt()
    {
        var order = _bench.Order("web", "seq 3000; echo first; while [ ! -e /go ]; do sleep 0.1; done; seq 5000; echo second; sleep 100000");
        _bench.Start(order);
        _bench.UntilLogged("web", "first\n");
        Assert.Single(Directory.GetFiles(_bench.Paths.LogOf("web"), "*.log"));

        _bench.Do(new ContainerUpdate(_bench.Name, ContainerPart.Logging, order with { Logging = new LoggingSpec(4096, 2) }));
        File.WriteAllText($"/proc/{_bench.Live("web").Process!.Pid}/root/go", "");

        _bench.UntilLogged("web", "second\n");
        var files = Directory.GetFiles(_bench.Paths.LogOf("web"), "*.log");
        Assert.Equal(2, files.Length);
        Assert.All(files, static f => Assert.InRange(new FileInfo(f).Length, 0, 4096));
    }

    [RootFact]
    public void Start_InAnothersNamespaces_JoinsExactlyThose()
    {
        _bench.Start(_bench.Order("web", "sleep 100000"));
        var order = _bench.Order("side", "sleep 100000") with { Stop = new StopSpec(9) };
        var join = new NamespaceChoice(NamespaceKind.Path, "container:web");
        order = order with { Sandbox = order.Sandbox with { Namespaces = new NamespaceSet { Net = join, Ipc = join, Uts = join } } };

        _bench.Start(order);

        var (web, side) = (_bench.Live("web").Process!.Namespaces, _bench.Live("side").Process!.Namespaces);
        foreach (var kind in (string[])["net", "ipc", "uts"])
            Assert.Equal(web[kind], side[kind]);
        Assert.NotEqual(web["pid"], side["pid"]);
        _bench.Do(new ContainerStop(_bench.Name, "side", order.Cgroup));
        SupervisorBench.Kill(_bench.Live("web").Process!.Pid);
        _bench.Until("web", static c => !c.IsRunning);
        Assert.Contains("Container/web does not run", _bench.Ask(new Request { Verb = Verb.Start, Name = "side" }).Error!.ToError().ToString());
    }

    [RootFact]
    public void SetHostname_OfAProcessThatSharesOurs_IsRefused()
    {
        var before = Command.Run("/bin/busybox", ["hostname"]).Succeeded().Out;
        using var self = PidFd.Open(Environment.ProcessId)!;

        Assert.Equal(Errno.EINVAL, Hostnames.Set(self, "renamed-by-a-test")!.Errno);

        Assert.Equal(before, Command.Run("/bin/busybox", ["hostname"]).Succeeded().Out);
    }

    [RootFact]
    [Trait("Needs", "cgroup-v1")]
    public void Stop_OneThatSigkillDoesNotEnd_TellsItAndGoesOnTrying()
    {
        var order = _bench.Order("web", "sleep 100000") with { Stop = new StopSpec(9) };
        _bench.Start(order);
        var frozen = $"{Hierarchies.V1("freezer")}/provision-{_bench.Name}";
        Directory.CreateDirectory(frozen);
        File.WriteAllText($"{frozen}/cgroup.procs", $"{_bench.Live("web").Process!.Pid}");
        File.WriteAllText($"{frozen}/freezer.state", "FROZEN");
        try
        {
            var error = _bench.Perform(new ContainerStop(_bench.Name, "web", order.Cgroup))!;
            Assert.Equal(Errno.EBUSY, error.Errno);
            Assert.Contains("SIGKILL does not end it", _bench.Live("web").Run!.Trouble);
        }
        finally
        {
            File.WriteAllText($"{frozen}/freezer.state", "THAWED");
        }

        _bench.Until("web", static c => c.Run!.State == RunState.Stopped && !c.Populated);
        SupervisorBench.Until(
            () =>
            {
                try
                {
                    Directory.Delete(frozen);
                    return true;
                }
                catch (IOException)
                {
                    return false;
                }
            },
            "the freezer's cgroup stays");
    }
}
