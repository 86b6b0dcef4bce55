using Provision.Kernel.Containers;
using Provision.Testing;

namespace Provision.Kernel.Supervise;

/// <summary>Supervisors that die and are replaced, with containers that do not notice.</summary>
public sealed class SuccessionTests : IDisposable
{
    private const int LinesLength = 3000;
    private const string Lines = "i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo line $i; done; echo done; sleep 100000";

    private readonly SupervisorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private static string Expected => string.Concat(Enumerable.Range(1, LinesLength).Select(static i => $"line {i}\n")) + "done\n";

    [RootFact]
    public void Kill9_AgainAndAgainWhileItWrites_LosesNoContainerAndNoByte()
    {
        _bench.Supervise();
        var order = _bench.Order("web", Lines, RestartPolicyKind.Always);
        _bench.Start(order with { Logging = new LoggingSpec(4096, 1000) });
        var pid = _bench.Live("web").Process!.Pid;

        for (var i = 0; i < 5; i++)
        {
            _bench.KillSupervisor();
            Assert.True(SupervisorBench.IsAlive(pid));
            _bench.Supervise();
        }

        _bench.UntilLogged("web", "done\n");
        Assert.Equal(Expected, _bench.Log("web"));
        var live = _bench.Live("web");
        Assert.Equal((pid, 0), (live.Process!.Pid, live.Run!.Restarts));
    }

    [RootFact]
    public void Upgrade_WhileItWrites_KeepsProcessesLogsAndExitStatus()
    {
        var supervisor = _bench.Supervise();
        _bench.Start(_bench.Order("web", Lines + " & wait"));
        _bench.Start(_bench.Order("job", "trap 'exit 9' TERM; while :; do sleep 0.1; done") with { Stop = new StopSpec(15) });
        var pid = _bench.Live("web").Process!.Pid;
        var job = _bench.Live("job");

        for (var generation = 1; generation <= 3; generation++)
        {
            Command.Run(SupervisorBench.Program, ["supervise", "--instance", _bench.Name, "--upgrade"]).Succeeded();
            var answer = _bench.Ask(new Request { Verb = Verb.Hello });
            Assert.Equal((supervisor, generation), (answer.Pid, answer.Generation));
        }

        _bench.UntilLogged("web", "done\n");
        Assert.Equal(Expected, _bench.Log("web"));
        Assert.Equal(pid, _bench.Live("web").Process!.Pid);
        _bench.Do(new ContainerStop(_bench.Name, "job", job.Cgroup));
        Assert.Equal(9, _bench.Live("job").Run!.LastExit!.Status);
    }

    [RootFact]
    public void Kill9_AndTheContainerEndsUnseen_ItsStatusIsNeverTakenForSuccess()
    {
        _bench.Supervise();
        _bench.Start(_bench.Order("web", "sleep 100000", RestartPolicyKind.OnFailure));
        var pid = _bench.Live("web").Process!.Pid;
        _bench.KillSupervisor();
        SupervisorBench.Kill(pid);
        SupervisorBench.Until(() => !SupervisorBench.IsAlive(pid), "it lives on");

        _bench.Supervise();

        var live = _bench.Until("web", c => c.Process is { } p && p.Pid != pid);
        Assert.Contains(live.Run!.LastExit!.Status, (int?[])[null, 137]);
        Assert.Equal(1, live.Run.Restarts);
    }

    [RootFact]
    public void Kill9_ThenAnEndUnderTheNext_TellsTheStatusOfAnothersChild()
    {
        _bench.Supervise();
        _bench.Start(_bench.Order("job", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.1; done"));
        _bench.UntilLogged("job", "ready");
        _bench.KillSupervisor();
        _bench.Supervise();

        _bench.Do(new ContainerStop(_bench.Name, "job", _bench.Live("job").Cgroup));

        // PIDFD_GET_INFO gives back the status of another's child; before it nobody knows.
        var known = Environment.OSVersion.Version >= new Version(6, 15);
        var status = _bench.Live("job").Run!.LastExit!.Status;
        Assert.True(status == 9 || (status is null && !known), $"status {status}");
    }

    [RootFact]
    public void Kill9_InTheMiddleOfAStop_IsGoneOnWith()
    {
        _bench.Supervise();
        var order = _bench.Order("web", "trap '' TERM; echo ready; while :; do sleep 0.1; done", RestartPolicyKind.Always);
        _bench.Start(order with { Stop = new StopSpec(15, 2_000) });
        _bench.UntilLogged("web", "ready");
        var stopping = new Thread(() => _bench.Perform(new ContainerStop(_bench.Name, "web", order.Cgroup))) { IsBackground = true };
        stopping.Start();
        _bench.Until("web", static c => c.Run!.State == RunState.Stopping);
        _bench.KillSupervisor();

        _bench.Supervise();

        Assert.Equal(137, _bench.Until("web", static c => c.Run!.State == RunState.Stopped).Run!.LastExit!.Status ?? 137);
        stopping.Join();
    }

    [RootFact]
    public void Adopt_WithoutTheRunDirectory_StillKnowsTheContainerFromTheKernel()
    {
        _bench.Supervise();
        _bench.Start(_bench.Order("web", "trap 'exit 0' TERM; echo ready; while :; do sleep 0.1; done", RestartPolicyKind.Always));
        _bench.UntilLogged("web", "ready");
        var live = _bench.Live("web");
        _bench.KillSupervisor();
        Directory.Delete(_bench.Paths.RunDirectory, recursive: true);

        _bench.Supervise();

        Assert.Equal(live.Process!.Pid, _bench.Ask(new Request { Verb = Verb.Status }).Containers!.Single().Run.Pid);
        _bench.Do(new ContainerRemove(_bench.Name, "web", live.Cgroup));
        Assert.False(SupervisorBench.IsAlive(live.Process.Pid));
    }
}
