using System.Globalization;
using Provision.Kernel.Containers;
using Provision.Testing;

namespace Provision.Kernel.Supervise;

/// <summary>What containers write, and how they end, while no supervisor lives.</summary>
public sealed class FdStoreTests : IDisposable
{
    // Less than a pipe holds, so that it need not wait for a reader.
    private const string WritesAndEnds = "trap 'seq 10000; exit 7' USR1; echo ready; while :; do sleep 0.1; done";

    // PIDFD_GET_INFO tells the status of a process that another has reaped.
    private static readonly bool StatusIsKept = Environment.OSVersion.Version >= new Version(6, 15);

    private readonly SupervisorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private static string Expected => "ready\n" + string.Concat(Enumerable.Range(1, 10_000).Select(static i => $"{i}\n"));

    [RootFact]
    public void Kill9_AndTheContainerWritesAndEnds_LosesNoByteNorItsStatus()
    {
        _bench.Supervise();
        var pid = Start("job");
        _bench.KillSupervisor();
        EndUnseen(pid);

        _bench.Supervise();

        AssertWhole("job");
    }

    [RootFact]
    public void Kill9_WithoutTheRunDirectory_LosesNoByteEither()
    {
        _bench.Supervise();
        var pid = Start("job");
        _bench.KillSupervisor();
        EndUnseen(pid);
        Directory.Delete(_bench.Paths.RunDirectory, recursive: true);

        _bench.Supervise();

        AssertWhole("job");
    }

    [RootFact]
    public void Kill9_AfterManyRestartsUpgradesAndKills_StillLosesNothing()
    {
        var supervisor = _bench.Supervise();
        var pid = Start("job");
        var store = Assert.Single(_bench.FdStores());
        var loop = _bench.Order("loop", "exit 1", RestartPolicyKind.Always);
        _bench.Start(loop with { Restart = new RestartSpec(RestartPolicyKind.Always, 1, 1) });
        _bench.Until("loop", static c => c.Run!.Restarts > 40);
        Command.Run(SupervisorBench.Program, ["supervise", "--instance", _bench.Name, "--upgrade"]).Succeeded();
        Assert.Equal(supervisor, _bench.Ask(new Request { Verb = Verb.Hello }).Pid);
        for (var i = 0; i < 3; i++)
        {
            _bench.KillSupervisor();
            _bench.Supervise();
        }

        _bench.Do(new ContainerRemove(_bench.Name, "loop", loop.Cgroup));
        Assert.Equal(store, Assert.Single(_bench.FdStores()));
        _bench.KillSupervisor();
        EndUnseen(pid);
        _bench.Supervise();

        AssertWhole("job");
    }

    [RootFact]
    public void FdStore_Killed_IsMissedByNobodyAndFollowedByAnother()
    {
        _bench.Supervise();
        var pid = Start("job");
        var store = Assert.Single(_bench.FdStores());

        SupervisorBench.Kill(store);
        SupervisorBench.Until(() => !SupervisorBench.IsAlive(store), "it lives on");
        Assert.True(_bench.Live("job").IsRunning);
        Start("other");

        SupervisorBench.Until(() => _bench.FdStores() is [var next] && next != store, "there is no other");
        _bench.KillSupervisor();
        EndUnseen(pid);
        _bench.Supervise();
        AssertWhole("job");
    }

    [RootFact]
    public void FdStore_AndSupervisorKilled_TheContainerGoesOnAndTheNextHoldsIt()
    {
        _bench.Supervise();
        var pid = Start("job");
        _bench.KillSupervisor();
        SupervisorBench.Kill(Assert.Single(_bench.FdStores()));
        SupervisorBench.Until(() => _bench.FdStores().Count == 0, "it lives on");
        _bench.Supervise();

        Assert.Single(_bench.FdStores());
        _bench.KillSupervisor();
        EndUnseen(pid);
        _bench.Supervise();

        AssertWhole("job");
    }

    [RootFact]
    public void FdStore_AProcess_HasTwoDescriptorsAndNextToNoMemory()
    {
        _bench.Supervise();
        Start("job");

        var store = Assert.Single(_bench.FdStores());

        Assert.Equal(["0", "1"], Directory.EnumerateFileSystemEntries($"/proc/{store}/fd").Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains($"provision-fdstore\0--instance\0{_bench.Name}", File.ReadAllText($"/proc/{store}/cmdline"));
        var resident = int.Parse(File.ReadAllText($"/proc/{store}/statm").Split(' ')[1], CultureInfo.InvariantCulture);
        Assert.InRange(resident, 0, 64);
    }

    private int Start(string name)
    {
        _bench.Start(_bench.Order(name, WritesAndEnds) with { Stop = new StopSpec(9) });
        _bench.UntilLogged(name, "ready\n");
        return _bench.Live(name).Process!.Pid;
    }

    private static void EndUnseen(int pid)
    {
        SupervisorBench.Kill(pid, "USR1");
        SupervisorBench.Until(() => !SupervisorBench.IsAlive(pid), "it lives on");
    }

    private void AssertWhole(string name)
    {
        var run = _bench.Until(name, static c => c.Run!.State == RunState.Exited).Run!;
        Assert.Equal(Expected, _bench.Log(name));
        Assert.True(run.LastExit!.Status == 7 || (run.LastExit.Status is null && !StatusIsKept), $"status {run.LastExit.Status}");
    }
}
