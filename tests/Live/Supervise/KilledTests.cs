using Provision.Kernel.Containers;
using Provision.Testing;

namespace Provision.Kernel.Supervise;

/// <summary>A supervisor killed in each state that a container can be in, and what its successor makes of it.</summary>
public sealed class KilledTests : IDisposable
{
    private readonly SupervisorBench _bench = new();

    public KilledTests() => _bench.Supervise();

    public void Dispose() => _bench.Dispose();

    [RootFact]
    public void InStarting_WhatWasLaunchedHalfwayIsSweptAwayAndStartedAgain()
    {
        _bench.Start(_bench.Order("web", "sleep 100000", RestartPolicyKind.Always));
        var pid = _bench.Live("web").Process!.Pid;
        _bench.KillSupervisor();
        // As the record is between the clone and the note of it.
        _bench.RewriteRun("web", static run =>
        {
            run["state"] = "Starting";
            run["pid"] = 0;
            run["startTime"] = 0;
        });

        _bench.Supervise();

        var live = _bench.Until("web", c => c.Process is { } p && p.Pid != pid);
        Assert.False(SupervisorBench.IsAlive(pid));
        Assert.Equal(RunState.Running, live.Run!.State);
    }

    [RootFact]
    public void InWaiting_TheBackOffGoesOn()
    {
        var order = _bench.Order("job", "echo once; exit 1", RestartPolicyKind.Always);
        _bench.Start(order with { Restart = order.Restart with { InitialMilliseconds = 15_000, MaxMilliseconds = 15_000, MaxRetries = 1 } });
        _bench.Until("job", static c => c.Run!.State == RunState.Waiting);
        _bench.KillSupervisor();

        _bench.Supervise();

        var run = _bench.Until("job", static c => c.Run!.State == RunState.Failed).Run!;
        Assert.Equal(1, run.Restarts);
        Assert.Equal("once\nonce\n", _bench.Log("job"));
    }

    [RootFact]
    public void InKillRounds_TheyGoOnUntilNothingIsLeft()
    {
        var order = _bench.Order("web", "trap '' TERM; echo ready; while :; do sleep 100000 & sleep 0.01; done", RestartPolicyKind.Always) with { Stop = new StopSpec(15, 10) };
        _bench.Start(order);
        _bench.UntilLogged("web", "ready");
        var stopping = new Thread(() => _bench.Perform(new ContainerStop(_bench.Name, "web", order.Cgroup))) { IsBackground = true };
        stopping.Start();
        _bench.Until("web", static c => c.Run!.State is RunState.Stopping or RunState.Stopped);
        _bench.KillSupervisor();

        _bench.Supervise();

        _bench.Until("web", static c => c.Run!.State == RunState.Stopped && !c.Populated);
        stopping.Join();
        _bench.Start(order);
        Assert.True(_bench.Live("web").IsRunning);
    }

    [RootFact]
    public void InRemove_TheNextRemovalFinishesIt()
    {
        var order = _bench.Order("web", "trap '' TERM; echo ready; while :; do sleep 0.1; done", RestartPolicyKind.Always);
        _bench.Start(order);
        _bench.UntilLogged("web", "ready");
        var pid = _bench.Live("web").Process!.Pid;
        var removing = new Thread(() => _bench.Perform(new ContainerRemove(_bench.Name, "web", order.Cgroup))) { IsBackground = true };
        removing.Start();
        _bench.Until("web", static c => c.Run!.State == RunState.Stopping);
        _bench.KillSupervisor();
        removing.Join();
        _bench.Supervise();
        SupervisorBench.Kill(pid);

        _bench.Do(new ContainerRemove(_bench.Name, "web", order.Cgroup));

        Assert.False(_bench.Live("web").Populated);
        Assert.Null(_bench.Live("web").Run);
        Assert.Empty(Directory.GetFiles(_bench.Paths.Orders));
        Assert.Empty(Directory.GetFiles(_bench.Paths.Fifos));
    }

    [RootFact]
    public void InUpgrade_TheContainerKeepsItsProcess()
    {
        _bench.Start(_bench.Order("web", "sleep 100000", RestartPolicyKind.Always));
        var pid = _bench.Live("web").Process!.Pid;
        for (var i = 0; i < 5; i++)
        {
            var supervisor = _bench.Ask(new Request { Verb = Verb.Hello }).Pid;
            using (new RunningCommand(new System.Diagnostics.ProcessStartInfo(SupervisorBench.Program, ["supervise", "--instance", _bench.Name, "--upgrade"])))
                SupervisorBench.Kill(supervisor);
            SupervisorBench.Until(() => !SupervisorBench.IsAlive(supervisor), "the supervisor lives on");
            _bench.Supervise();
        }

        Assert.Equal(pid, _bench.Ask(new Request { Verb = Verb.Status }).Containers!.Single().Run.Pid);
        Assert.Equal((pid, 0), (_bench.Live("web").Process!.Pid, _bench.Live("web").Run!.Restarts));
    }
}
