using Provision.Testing;
using static Provision.Testing.TerminalWitness;

namespace Provision.Kernel.Supervise;

/// <summary><c>provision exec -it</c> in a terminal, with Python's pty as the witness.</summary>
public sealed class ExecTerminalTests : IDisposable
{
    private const string Waits = "while :; do sleep 0.1; done";

    private readonly SupervisorBench _bench = new();

    public ExecTerminalTests()
    {
        _bench.Supervise();
        _bench.Start(_bench.Order("web", "sleep 100000") with { Stop = new StopSpec(9) });
    }

    public void Dispose() => _bench.Dispose();

    [RootFact]
    public void ExecTty_AProgram_HasATerminalOfTheCallersSizeAndKind()
    {
        var outcome = InTerminal("busybox tty; busybox stty size; echo $TERM; exit 42");

        Assert.Equal("/dev/pts/0\r\n30 100\r\nvt100\r\n", outcome.Said);
        Assert.Equal((42, true), (outcome.Status, outcome.Restored));
    }

    [RootFact]
    public void ExecTty_ResizedWhileItRuns_IsToldTheSize()
    {
        var outcome = InTerminal($"trap 'busybox stty size; exit' WINCH; echo ready; {Waits}", Step.Expect("ready"), Step.Size(40, 120));

        Assert.Equal("ready\r\n40 120\r\n", outcome.Said);
        Assert.Equal((0, true), (outcome.Status, outcome.Restored));
    }

    [RootFact]
    public void ExecTty_Keys_GoInsideWithTheInterruptAndTheEnd()
    {
        var interrupted = InTerminal($"trap 'echo caught; exit 7' INT; echo ready; {Waits}", Step.Expect("ready"), Step.Raw, Step.Send("\x03"));
        var ended = InTerminal("echo ready; busybox cat; echo end", Step.Expect("ready"), Step.Raw, Step.Send("typed\r"), Step.Expect("typed\r\ntyped\r\n"), Step.Send("\x04"));

        Assert.EndsWith("caught\r\n", interrupted.Said);
        Assert.Equal((7, true), (interrupted.Status, interrupted.Restored));
        Assert.Equal("ready\r\ntyped\r\ntyped\r\nend\r\n", ended.Said);
        Assert.Equal((0, true), (ended.Status, ended.Restored));
    }

    [RootFact]
    public void ExecTty_AMegabyteAndTheEnd_LosesNothing()
    {
        var outcome = InTerminal("seq 200000");

        Assert.Equal(string.Concat(Enumerable.Range(1, 200_000).Select(static i => $"{i}\r\n")), outcome.Said);
        Assert.Equal((0, true), (outcome.Status, outcome.Restored));
    }

    [RootFact]
    public void ExecTty_AProgramThatLeavesOthers_EndsWithIt()
    {
        var outcome = InTerminal("trap '' HUP; sleep 100000 & echo gone; exit 3");

        Assert.Equal(("gone\r\n", 3, true), (outcome.Said, outcome.Status, outcome.Restored));
    }

    [RootFact]
    public void ExecTty_StoppedAndContinued_HasTheTerminalBackMeanwhile()
    {
        var outcome = InTerminal(
            "echo ready; read line; echo got $line",
            Step.Expect("ready"), Step.Raw, Step.Signal("SIGTSTP"), Step.Stopped, Step.Size(40, 120), Step.Signal("SIGCONT"), Step.Raw, Step.Send("x\r"));

        Assert.EndsWith("got x\r\n", outcome.Said);
        Assert.Equal((0, true), (outcome.Status, outcome.Restored));
    }

    [RootFact]
    public void ExecTty_ASignalToIt_IsTheProcesssAndTheTerminalIsAsItWas()
    {
        var outcome = InTerminal($"trap 'exit 9' TERM; echo ready; {Waits}", Step.Expect("ready"), Step.Raw, Step.Signal("SIGTERM"));

        Assert.Equal((9, true), (outcome.Status, outcome.Restored));
    }

    [RootFact]
    public void ExecTty_TheTerminalGoesAway_HangsUpOnTheProcess()
    {
        var before = Processes();

        InTerminal($"echo ready; {Waits}", Step.Expect("ready"), Step.Raw, Step.HangUp);

        SupervisorBench.Until(() => Processes() == before, "something of it runs on");
    }

    [RootFact]
    public void ExecTty_ACommandThatIsNotThere_LeavesTheTerminalAsItWas()
    {
        var outcome = Run(SupervisorBench.Program, ["exec", "--instance", _bench.Name, "-it", "web", "--", "/bin/nothing"]);

        Assert.Contains("/bin/nothing", outcome.Said);
        Assert.Equal((127, true), (outcome.Status, outcome.Restored));
    }

    [RootFact]
    public void ExecTty_WithoutATerminal_IsRefusedWithInputAndHasOneWithout()
    {
        var refused = Exec("-it", "web", "--", "/bin/sh");
        var given = Exec("-t", "web", "--", "/bin/busybox", "sh", "-c", "[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo yes; seq 20000");

        Assert.Equal(125, refused.ExitCode);
        Assert.Contains("the input device is not a TTY", refused.Err);
        Assert.Equal("yes\r\n" + string.Concat(Enumerable.Range(1, 20_000).Select(static i => $"{i}\r\n")), given.Exited(0).Out);
    }

    [RootFact]
    public void ExecTty_WhenNobodyReadsItsOutput_HangsUp()
    {
        var result = Command.Run("/bin/sh", ["-c", $"{SupervisorBench.Program} exec --instance {_bench.Name} -t web -- /bin/busybox yes | head -n 1; exec true"]);

        Assert.Equal("y\n", result.Exited(0).Out.Replace("\r", ""));
    }

    [RootFact]
    public void Exec_AsAUser_IsThatUserInNoOtherGroup()
    {
        Assert.Equal("uid=1000 gid=1001\n", Exec("--user", "1000:1001", "web", "--", "/bin/busybox", "id").Exited(0).Out);
        Assert.Equal("uid=1000 gid=0\n", Exec("-u", "1000", "web", "--", "/bin/busybox", "id").Exited(0).Out);
        Assert.Equal(64, Exec("-u", "www", "web", "--", "/bin/busybox", "id").ExitCode);
    }

    private Outcome InTerminal(string line, params Step[] steps) =>
        Run(SupervisorBench.Program, ["exec", "--instance", _bench.Name, "-it", "web", "--", "/bin/busybox", "sh", "-c", line], steps);

    private CommandResult Exec(params string[] arguments) => Command.Run(SupervisorBench.Program, ["exec", "--instance", _bench.Name, .. arguments]);

    private int Processes() => File.ReadAllLines(Path.Combine(_bench.Leaf("web", "memory"), "cgroup.procs")).Length;
}
