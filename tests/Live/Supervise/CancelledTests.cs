using Provision.Kernel.Containers;
using Provision.Testing;

namespace Provision.Kernel.Supervise;

/// <summary>What is asked while something else is under way.</summary>
public sealed class CancelledTests : IDisposable
{
    private const string Stubborn = "trap '' TERM; echo ready; while :; do sleep 0.1; done";

    private readonly SupervisorBench _bench = new();
    private readonly ContainerOrder _order;
    private readonly int _pid;

    public CancelledTests()
    {
        _bench.Supervise();
        _order = _bench.Order("web", Stubborn, RestartPolicyKind.Always);
        _bench.Start(_order);
        _bench.UntilLogged("web", "ready");
        _pid = _bench.Live("web").Process!.Pid;
    }

    public void Dispose() => _bench.Dispose();

    [RootFact]
    public void Stop_WhileARestartWaits_IsTheLastWord()
    {
        var restarted = InBackground(() => _bench.Ask(new Request { Verb = Verb.Restart, Name = "web" }).Error!.Errno);
        _bench.Until("web", static c => c.Run!.State == RunState.Stopping);

        var stopped = InBackground(() => _bench.Ask(new Request { Verb = Verb.Stop, Name = "web" }).Error?.Errno ?? 0);
        Assert.Equal(125, restarted()); // ECANCELED
        SupervisorBench.Kill(_pid);

        Assert.Equal(0, stopped());
        Assert.Equal(RunState.Stopped, _bench.Live("web").Run!.State);
        Assert.False(_bench.Live("web").Populated);
    }

    [RootFact]
    public void Remove_WhileARestartWaits_LeavesNothingRunning()
    {
        var restarted = InBackground(() => _bench.Ask(new Request { Verb = Verb.Restart, Name = "web" }).Error!.Errno);
        _bench.Until("web", static c => c.Run!.State == RunState.Stopping);

        var removed = InBackground(() => _bench.Ask(new Request { Verb = Verb.Remove, Name = "web" }).Error?.Errno ?? 0);
        Assert.Equal(125, restarted());
        SupervisorBench.Kill(_pid);

        Assert.Equal(0, removed());
        Assert.False(_bench.Live("web").Populated);
        Assert.Null(_bench.Live("web").Run);
        Assert.Empty(Directory.GetFiles(_bench.Paths.Orders));
    }

    [RootFact]
    public void AnythingElse_WhileItIsRemoved_IsRefused()
    {
        var removed = InBackground(() => _bench.Ask(new Request { Verb = Verb.Remove, Name = "web" }).Error?.Errno ?? 0);
        _bench.Until("web", static c => c.Run!.State == RunState.Stopping);

        foreach (var request in (Request[])
                 [
                     new() { Verb = Verb.Start, Name = "web" }, new() { Verb = Verb.Start, Name = "web", Order = _order }, new() { Verb = Verb.Restart, Name = "web" },
                     new() { Verb = Verb.Update, Name = "web", Part = ContainerPart.Stop, Order = _order },
                 ])
        {
            var error = _bench.Ask(request).Error!;
            Assert.Equal((Errno.EBUSY, "it is being removed"), (error.Errno, error.Detail));
        }

        // Who asks for the same waits for the same.
        var again = InBackground(() => _bench.Ask(new Request { Verb = Verb.Remove, Name = "web" }).Error?.Errno ?? 0);
        SupervisorBench.Kill(_pid);
        Assert.Equal((0, 0), (removed(), again()));
        Assert.Empty(Directory.GetFiles(_bench.Paths.Fifos));
        Assert.Null(_bench.Live("web").Run);
    }

    [RootFact]
    public void CliKilled_WhileItWaitsForAStop_LeavesTheInstanceToTheNext()
    {
        using (var cli = new RunningCommand(new System.Diagnostics.ProcessStartInfo(SupervisorBench.Program, ["stop", "--instance", _bench.Name, "web"])))
        {
            _bench.Until("web", static c => c.Run!.State == RunState.Stopping);
            cli.Signal("KILL");
        }

        var next = InBackground(() => Command.Run(SupervisorBench.Program, ["stop", "--instance", _bench.Name, "--lock-timeout", "100", "web"]).ExitCode);
        SupervisorBench.Kill(_pid);

        Assert.Equal(0, next());
        Assert.Equal(RunState.Stopped, _bench.Live("web").Run!.State);
    }

    [RootFact]
    public void Update_OfStopTimeout_CountsForTheStopAfterIt()
    {
        Assert.Null(_bench.Ask(new Request { Verb = Verb.Update, Name = "web", Part = ContainerPart.Stop, Order = _order with { Stop = new StopSpec(15, 100) } }).Error);

        _bench.Do(new ContainerStop(_bench.Name, "web", _order.Cgroup));

        Assert.Equal((RunState.Stopped, 137), (_bench.Live("web").Run!.State, _bench.Live("web").Run!.LastExit!.Status));
    }

    private static Func<int> InBackground(Func<int> ask)
    {
        var result = 0;
        Exception? failed = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = ask();
            }
            catch (Exception e)
            {
                failed = e;
            }
        })
        { IsBackground = true };
        thread.Start();
        return () =>
        {
            thread.Join();
            return failed is null ? result : throw new InvalidOperationException("it failed", failed);
        };
    }
}
