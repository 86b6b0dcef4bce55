using System.Diagnostics;
using Provision.Kernel.Containers;
using Provision.Kernel.Sandbox;
using Provision.Testing;

namespace Provision.Kernel.Supervise;

/// <summary>Containers and callers that misbehave, and supervisors that are killed in the states that last only a moment.</summary>
public sealed class FaultTests : IDisposable
{
    private readonly SupervisorBench _bench = new();

    public FaultTests() => _bench.Supervise();

    public void Dispose() => _bench.Dispose();

    [RootFact]
    public void Stop_OneThatIsStopped_IsKilledAfterTheTimeout()
    {
        var order = Start("web", "echo ready; sleep 100000", new StopSpec(15, 50));
        SupervisorBench.Kill(_bench.Live("web").Process!.Pid, "STOP");

        _bench.Do(new ContainerStop(_bench.Name, "web", order.Cgroup));

        Assert.Equal((RunState.Stopped, false), (_bench.Live("web").Run!.State, _bench.Live("web").Populated));
    }

    [RootFact]
    public void Stop_OneThatIsFrozenByAForeignHand_IsKilledAndItsLeafIsThawed()
    {
        var order = Start("web", "echo ready; sleep 100000", new StopSpec(15, 50));
        foreach (var (file, value) in Freezers())
            File.WriteAllText(file, value);

        _bench.Do(new ContainerStop(_bench.Name, "web", order.Cgroup));

        Assert.False(_bench.Live("web").Populated);
        _bench.Start(order);
        Assert.True(_bench.Live("web").IsRunning);
    }

    [RootFact]
    public void Exit_OfOneThatLeavesAnotherWithItsStreams_EndsThatToo()
    {
        var order = _bench.Order("job", "sleep 100000 & echo gone; exit 3");
        _bench.Start(order with { Sandbox = order.Sandbox with { Namespaces = new NamespaceSet { Pid = NamespaceChoice.Host } } });

        var live = _bench.Until("job", static c => c.Run!.State == RunState.Exited);

        Assert.Equal((3, false), (live.Run!.LastExit!.Status, _bench.Live("job").Populated));
        Assert.Equal("gone\n", _bench.Log("job"));
    }

    [RootFact]
    public void Kill9_WhileItWaitsToStartAgain_TheNextStartsIt()
    {
        var order = _bench.Order("job", "echo once; exit 1", RestartPolicyKind.Always);
        _bench.Start(order with { Restart = new RestartSpec(RestartPolicyKind.Always, 3_000, 3_000) });
        _bench.Until("job", static c => c.Run!.State == RunState.Waiting);
        _bench.KillSupervisor();

        _bench.Supervise();

        _bench.Until("job", static c => c.Run!.Restarts >= 1);
        _bench.UntilLogged("job", "once\nonce\n");
    }

    [RootFact]
    public void Kill9_AtAnyMomentOfAStart_ConvergesToOneOrNone()
    {
        // As long as it is there, no supervisor ends by itself.
        _bench.Start(_bench.Order("keeps", "sleep 100000") with { Stop = new StopSpec(9) });
        for (var i = 0; i < 8; i++)
        {
            var order = _bench.Order($"web{i}", "sleep 100000") with { Stop = new StopSpec(9) };
            using var asking = new ManualResetEventSlim();
            var starting = Task.Run(() =>
            {
                asking.Set();
                return _bench.Perform(new ContainerStart(_bench.Name, order));
            });
            asking.Wait();
            Thread.SpinWait(i * 200_000);
            _bench.KillSupervisor();
            // Who asked may have brought up another meanwhile, and had the container started there.
            starting.Wait();
            // That a connection stands proves nothing: the child of a launch that is cut short holds the socket of the one
            // that was killed until it ends. An answer does.
            new SupervisorStarter(_bench.Paths, SupervisorBench.Program).Connect().Dispose();

            var live = _bench.Until($"web{i}", static c => c.Run is null or { State: RunState.Running or RunState.Failed });
            Assert.Equal(live.Run?.State == RunState.Running, live.Populated);
            _bench.Perform(new ContainerRemove(_bench.Name, $"web{i}", order.Cgroup));
            Assert.False(_bench.Live($"web{i}").Populated);
        }

        Assert.True(_bench.Live("keeps").IsRunning);
    }

    [RootFact]
    public void Caller_KilledWhileItWaits_TheStopGoesOn()
    {
        Start("web", "trap '' TERM; echo ready; while :; do sleep 0.1; done", new StopSpec(15, 2_000));
        using (var caller = new RunningCommand(new ProcessStartInfo(SupervisorBench.Program, ["stop", "--instance", _bench.Name, "web"])))
        {
            _bench.Until("web", static c => c.Run!.State is RunState.Stopping or RunState.Stopped);
            caller.Signal("KILL");
        }

        Assert.False(_bench.Until("web", static c => c.Run!.State == RunState.Stopped).Populated);
    }

    private ContainerOrder Start(string name, string line, StopSpec stop)
    {
        var order = _bench.Order(name, line, RestartPolicyKind.Always) with { Stop = stop };
        _bench.Start(order);
        _bench.UntilLogged(name, "ready");
        return order;
    }

    // cgroup v2's, and v1's where there is one, which keeps even SIGKILL waiting.
    private IEnumerable<(string File, string Value)> Freezers() => Hierarchies.All
        .Select(mount => Path.Combine(mount, _bench.Live("web").Cgroup))
        .SelectMany(static leaf => ((string File, string Value)[])[($"{leaf}/cgroup.freeze", "1"), ($"{leaf}/freezer.state", "FROZEN")])
        .Where(static f => File.Exists(f.File));
}
