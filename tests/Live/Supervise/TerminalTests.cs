using Provision.Kernel.Sandbox;
using Provision.Testing;

namespace Provision.Kernel.Supervise;

/// <summary>Containers whose first process has a terminal.</summary>
public sealed class TerminalTests : IDisposable
{
    private const string Lines = "i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo line $i; done; echo done; sleep 100000";

    private readonly SupervisorBench _bench = new();

    public TerminalTests() => _bench.Supervise();

    public void Dispose() => _bench.Dispose();

    private static string Expected => string.Concat(Enumerable.Range(1, 3000).Select(static i => $"line {i}\r\n")) + "done\r\n";

    [RootFact]
    public void Start_WithATerminal_HasItAsStreamsAndConsole()
    {
        _bench.Start(Order("job", "tty; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo yes; echo console > /dev/console; echo tty > /dev/tty; ls /proc/self/fd; exit 3"));

        var run = _bench.Until("job", static c => c.Run!.State == RunState.Exited).Run!;

        Assert.Equal("/dev/pts/0\r\nyes\r\nconsole\r\ntty\r\n0\r\n1\r\n2\r\n3\r\n", _bench.Log("job").Replace("  ", "\r\n"));
        Assert.Equal((3, null), (run.LastExit!.Status, run.Trouble));
    }

    [RootFact]
    public void Start_WithATerminalAsAMappedUser_OwnsIt()
    {
        var order = Order("job", "busybox stat -c %u $(tty); echo mine > /dev/tty; exit 0");
        order = order with { Sandbox = NamespaceTests.Mapped(order.Sandbox) with { User = new(1000, 1000, []), Root = order.Sandbox.Root with { Directory = _bench.RootOnDisk() } } };

        _bench.Start(order);

        _bench.Until("job", static c => c.Run!.State == RunState.Exited);
        Assert.Equal("1000\r\nmine\r\n", _bench.Log("job"));
    }

    [RootFact]
    public void Restart_WithATerminal_HasANewOne()
    {
        var order = Order("job", "tty; seq 2000; exit 1") with { Restart = new RestartSpec(RestartPolicyKind.OnFailure, 1, 1, MaxRetries: 2) };

        _bench.Start(order);

        _bench.Until("job", static c => c.Run!.State == RunState.Failed);
        var once = "/dev/pts/0\r\n" + string.Concat(Enumerable.Range(1, 2000).Select(static i => $"{i}\r\n"));
        Assert.Equal(once + once + once, _bench.Log("job"));
    }

    [RootFact]
    public void Kill9AndUpgrade_WhileItWrites_KeepTheTerminalAndEveryByte()
    {
        var order = Order("web", Lines);
        _bench.Start(order with { Logging = new LoggingSpec(4096, 1000) });
        var pid = _bench.Live("web").Process!.Pid;

        for (var i = 0; i < 3; i++)
        {
            _bench.KillSupervisor();
            Assert.True(SupervisorBench.IsAlive(pid));
            _bench.Supervise();
            Command.Run(SupervisorBench.Program, ["supervise", "--instance", _bench.Name, "--upgrade"]).Succeeded();
        }

        _bench.UntilLogged("web", "done\r\n");
        Assert.Equal(Expected, _bench.Log("web"));
        Assert.Equal((pid, null), (_bench.Live("web").Process!.Pid, _bench.Live("web").Run!.Trouble));
    }

    [RootFact]
    public void Kill9_AndItWritesMoreThanATerminalHolds_WaitsForTheNext()
    {
        _bench.Start(Order("job", "trap 'seq 10000; exit 7' USR1; echo ready; while :; do sleep 0.1; done"));
        _bench.UntilLogged("job", "ready");
        var pid = _bench.Live("job").Process!.Pid;
        _bench.KillSupervisor();
        SupervisorBench.Kill(pid, "USR1");

        _bench.Supervise();

        Assert.Equal(7, _bench.Until("job", static c => c.Run!.State == RunState.Exited).Run!.LastExit!.Status ?? 7);
        Assert.Equal("ready\r\n" + string.Concat(Enumerable.Range(1, 10_000).Select(static i => $"{i}\r\n")), _bench.Log("job"));
    }

    [RootFact]
    public void Streams_AllClosedAndOpenedAgain_GoOnInTheLog()
    {
        _bench.Start(Order("web", "echo before; exec <&- >&- 2>&-; sleep 1; echo after > /dev/console; sleep 100000"));

        _bench.UntilLogged("web", "after");
        Assert.Equal("before\r\nafter\r\n", _bench.Log("web"));
    }

    [RootFact]
    public void Kill9_OfBothThatHoldIt_HangsUp()
    {
        _bench.Start(Order("web", "trap 'exit 5' HUP; echo ready; while :; do sleep 0.1; done"));
        _bench.UntilLogged("web", "ready");
        var pid = _bench.Live("web").Process!.Pid;
        _bench.KillSupervisor();

        SupervisorBench.Kill(Assert.Single(_bench.FdStores()));

        SupervisorBench.Until(() => !SupervisorBench.IsAlive(pid), "it lives on");
        _bench.Supervise();
        _bench.Until("web", static c => c.Run!.State == RunState.Exited);
    }

    private ContainerOrder Order(string name, string line) =>
        _bench.Order(name, $"alias tty='busybox tty' ls='busybox ls'; {line}") with { Terminal = true, Stop = new StopSpec(9) };
}
