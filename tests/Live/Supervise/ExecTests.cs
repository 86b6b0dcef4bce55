using Provision.Testing;

namespace Provision.Kernel.Supervise;

/// <summary><c>provision exec</c> and <c>provision logs</c> with a container that a real supervisor keeps.</summary>
public sealed class ExecTests : IDisposable
{
    private readonly SupervisorBench _bench = new();

    public ExecTests()
    {
        _bench.Supervise();
        var order = _bench.Order("web", "echo one; echo two; sleep 100000");
        _bench.Start(order with { Sandbox = order.Sandbox with { Hostname = "inside" }, Stop = new StopSpec(9) });
        _bench.UntilLogged("web", "two\n");
    }

    public void Dispose() => _bench.Dispose();

    [RootFact]
    public void Exec_ACommand_RunsInsideWithItsStatusAndStreams()
    {
        var result = Exec("--env", "X=y", "web", "--", "/bin/busybox", "sh", "-c", "hostname; echo $X; cat /proc/self/cgroup; cat /proc/1/cmdline; echo err >&2; exit 42");

        Assert.Equal(42, result.ExitCode);
        Assert.StartsWith("inside\ny\n", result.Out, StringComparison.Ordinal);
        Assert.Contains(":/\n", result.Out);
        Assert.Contains("sleep 100000", result.Out);
        Assert.Equal("err\n", result.Err);
    }

    [RootFact]
    public void Exec_Interactive_ReadsStandardInput()
    {
        var start = new System.Diagnostics.ProcessStartInfo(SupervisorBench.Program, ["exec", "--instance", _bench.Name, "-i", "web", "--", "/bin/cat"]);

        Assert.Equal("given", Command.Run(start, "given").Exited(0).Out);
    }

    [RootFact]
    public void Exec_WhatCannotBe_EndsAsDockerDoes()
    {
        Assert.Equal(127, Exec("web", "--", "/bin/nothing").ExitCode);
        Assert.Equal(126, Exec("web", "--", "/bin").ExitCode);
        Assert.Equal(125, Exec("nobody", "--", "/bin/sh").ExitCode);
        Assert.Equal(137, Exec("web", "--", "/bin/busybox", "sh", "-c", "kill -9 $$").ExitCode);
    }

    [RootFact]
    public void Logs_OfAContainer_AreTheBytesOrTheLinesAskedFor()
    {
        Assert.Equal("one\ntwo\n", Provision("logs", "web").Succeeded().Out);
        Assert.Equal("two\n", Provision("logs", "--tail", "1", "web").Succeeded().Out);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z one\n\S+Z two\n$", Provision("logs", "--timestamps", "--since", "1h", "web").Succeeded().Out);
        Assert.Equal(1, Provision("logs", "nobody").ExitCode);
        Assert.Equal(64, Provision("logs", "../etc").ExitCode);
    }

    [RootFact]
    public void StopAndStart_ByHand_AreWhatTheKernelShows()
    {
        var pid = _bench.Live("web").Process!.Pid;

        Provision("stop", "web").Succeeded();
        Assert.False(_bench.Live("web").Populated);
        Provision("start", "web").Succeeded();
        Assert.NotEqual(pid, _bench.Live("web").Process!.Pid);
        Provision("restart", "web").Succeeded();
        Assert.True(_bench.Live("web").IsRunning);
        Assert.Equal(1, Provision("start", "nobody").ExitCode);
    }

    private CommandResult Exec(params string[] arguments) => Provision("exec", arguments);

    private CommandResult Provision(string command, params string[] arguments) =>
        Command.Run(SupervisorBench.Program, [command, "--instance", _bench.Name, .. arguments]);
}
