using Provision.Kernel.Containers;
using Provision.Testing;

namespace Provision.Kernel.Supervise;

/// <summary>Start, end, restart, stop and removal of a container under a real supervisor.</summary>
public sealed class LifeTests : IDisposable
{
    private readonly SupervisorBench _bench = new();

    public LifeTests() => _bench.Supervise();

    public void Dispose() => _bench.Dispose();

    [RootFact]
    public void Start_AShellLine_RunsInItsLeafAndItsOutputIsLogged()
    {
        _bench.Start(_bench.Order("web", "echo out; echo err >&2; hostname; sleep 100000"));

        _bench.UntilLogged("web", "out\nerr\n");
        var live = _bench.Live("web");
        Assert.Equal(RunState.Running, live.Run!.State);
        Assert.Contains("/web.ctr\n", File.ReadAllText($"/proc/{live.Process!.Pid}/cgroup"));
        Assert.NotEqual(_bench.Reader.Read(_bench.Name).HostNamespaces["pid"], live.Process.Namespaces["pid"]);
        Assert.True(live.Process.NoNewPrivileges);
    }

    [RootFact]
    public void Start_OneThatRuns_IsRefusedAndChangesNothing()
    {
        var order = _bench.Order("web", "sleep 100000");
        _bench.Start(order);
        var pid = _bench.Live("web").Process!.Pid;

        var error = _bench.Perform(new ContainerStart(_bench.Name, order));

        Assert.Equal(Errno.EEXIST, error!.Errno);
        Assert.Equal(pid, _bench.Live("web").Process!.Pid);
    }

    [RootFact]
    public void Start_ACommandThatIsNotThere_NamesTheStepAndLeavesNothing()
    {
        var order = _bench.Order("web", "");
        order = order with { Sandbox = order.Sandbox with { Command = ["/bin/nothing"] } };

        var error = _bench.Perform(new ContainerStart(_bench.Name, order));

        Assert.Equal(Errno.ENOENT, error!.Errno);
        Assert.Contains("execve", error.ToString());
        Assert.Contains("/bin/nothing", error.ToString());
        Assert.False(_bench.Live("web").Populated);
        Assert.Null(_bench.Live("web").Run);
        Assert.Empty(Directory.GetFiles(_bench.Paths.Orders));
        Assert.Empty(Directory.GetFiles(_bench.Paths.Fifos));
    }

    [RootFact]
    public void Exit_WithoutRestart_LeavesItsStatus()
    {
        _bench.Start(_bench.Order("job", "exit 7"));

        var run = _bench.Until("job", static c => c.Run!.State == RunState.Exited).Run!;

        Assert.Equal(7, run.LastExit!.Status);
        Assert.False(run.LastExit.OomKilled);
        Assert.Equal(0, run.Pid);
    }

    [RootFact]
    public void Exit_OnFailure_IsStartedAgainUntilTheRetriesAreSpent()
    {
        var order = _bench.Order("job", "echo once; exit 3", RestartPolicyKind.OnFailure);
        _bench.Start(order with { Restart = order.Restart with { MaxRetries = 3, ResetAfterMilliseconds = 10_000_000 } });

        var run = _bench.Until("job", static c => c.Run!.State == RunState.Failed).Run!;

        Assert.Equal(3, run.Restarts);
        Assert.Equal("once\nonce\nonce\nonce\n", _bench.Log("job"));
        Assert.Contains("given up", run.Trouble);
    }

    [RootFact]
    public void Exit_ByAKillFromOutside_IsStartedAgain()
    {
        _bench.Start(_bench.Order("web", "sleep 100000", RestartPolicyKind.Always));
        var first = _bench.Live("web").Process!.Pid;

        SupervisorBench.Kill(first);

        var live = _bench.Until("web", c => c.Process is { } p && p.Pid != first);
        Assert.Equal(1, live.Run!.Restarts);
        Assert.Equal(137, live.Run.LastExit!.Status);
    }

    [RootFact]
    public void Stop_OneThatObeys_EndsByItsOwnStatus()
    {
        _bench.Start(_bench.Order("web", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.1; done", RestartPolicyKind.Always));
        _bench.UntilLogged("web", "ready");

        _bench.Do(new ContainerStop(_bench.Name, "web", _bench.Live("web").Cgroup));

        var live = _bench.Live("web");
        Assert.Equal(RunState.Stopped, live.Run!.State);
        Assert.Equal(5, live.Run.LastExit!.Status);
        Assert.False(live.Populated);
    }

    [RootFact]
    public void Stop_OneThatIgnoresTheSignalAndForks_IsKilledAfterTheTimeout()
    {
        var order = _bench.Order("web", "trap '' TERM; echo ready; while :; do sleep 100000 & sleep 0.01; done", RestartPolicyKind.Always);
        _bench.Start(order with { Stop = new StopSpec(15, 50) });
        _bench.UntilLogged("web", "ready");

        _bench.Do(new ContainerStop(_bench.Name, "web", order.Cgroup));

        var live = _bench.Live("web");
        Assert.Equal((RunState.Stopped, 137), (live.Run!.State, live.Run.LastExit!.Status));
        Assert.False(live.Populated);
        _bench.Start(order);
        Assert.True(_bench.Live("web").IsRunning);
    }

    [RootFact]
    public void Remove_TheLastOne_EndsTheSupervisorAndLeavesNothing()
    {
        var pid = _bench.Ask(new Request { Verb = Verb.Hello }).Pid;
        var order = _bench.Order("web", "sleep 100000");
        _bench.Start(order with { Stop = new StopSpec(9) });
        var container = _bench.Live("web").Process!.Pid;
        var store = Assert.Single(_bench.FdStores());

        _bench.Do(new ContainerRemove(_bench.Name, "web", order.Cgroup));

        SupervisorBench.Until(() => !SupervisorBench.IsAlive(pid), "the supervisor lives on");
        Assert.False(SupervisorBench.IsAlive(container));
        Assert.False(SupervisorBench.IsAlive(store));
        Assert.False(Directory.Exists(_bench.Paths.LogOf("web")));
        Assert.Empty(Directory.GetFiles(_bench.Paths.Orders));
        Assert.False(Directory.Exists(Path.GetDirectoryName(_bench.Leaf("web", "memory")) + "/supervisor"));
    }

    [RootFact]
    public void Oom_ALimitOfItsLeaf_IsTold()
    {
        var order = _bench.Order("hog", "head -c 200000000 /dev/zero | tail");
        var leaf = _bench.Leaf("hog", "memory");
        var limit = File.Exists($"{leaf}/memory.max") ? "memory.max" : "memory.limit_in_bytes";
        File.WriteAllText($"{leaf}/{limit}", "16777216");
        if (File.Exists($"{leaf}/memory.swap.max"))
            File.WriteAllText($"{leaf}/memory.swap.max", "0");
        _bench.Start(order);

        var run = _bench.Until("hog", static c => c.Run!.State == RunState.Exited).Run!;

        Assert.True(run.LastExit!.OomKilled);
        Assert.Equal(137, run.LastExit.Status);
    }
}
