using System.Globalization;
using Provision.Testing;

namespace Provision.Kernel.Supervise;

/// <summary>What a supervisor, and the containers under it, have of whoever happened to start it: nothing.</summary>
public sealed class BirthTests : IDisposable
{
    private readonly SupervisorBench _bench = new();
    private readonly int _pid;

    public BirthTests()
    {
        var held = Path.Combine(_bench.Root, "lock");
        _bench.Netns.Run(
            "/bin/busybox", "sh", "-c",
            "exec 9> \"$1\"; umask 077; ulimit -n 77; ulimit -c unlimited; ulimit -s 4096; exec nice -n 5 taskset 1 \"$0\" supervise --instance \"$2\" --detach",
            SupervisorBench.Program, held, _bench.Name).Succeeded();
        _pid = _bench.Ask(new Request { Verb = Verb.Hello }).Pid;
    }

    public void Dispose() => _bench.Dispose();

    [RootFact]
    public void Supervisor_OfAShellThatHoldsALock_DoesNotHoldIt() =>
        Assert.DoesNotContain(new DirectoryInfo($"/proc/{_pid}/fd").GetFiles(), static f => f.LinkTarget?.EndsWith("/lock", StringComparison.Ordinal) == true && f.LinkTarget.StartsWith("/tmp", StringComparison.Ordinal));

    [RootFact]
    public void Container_UnderASupervisorOfALimitedShell_HasTheDefaults()
    {
        _bench.Start(_bench.Order("web", "umask; sleep 100000"));
        _bench.UntilLogged("web", "\n");
        var pid = _bench.Live("web").Process!.Pid;

        var limits = File.ReadAllText($"/proc/{pid}/limits");
        var threads = ulong.Parse(File.ReadAllText("/proc/sys/kernel/threads-max"), CultureInfo.InvariantCulture) / 2;
        Assert.Matches(@"Max open files\s+1024\s+524288 ", limits);
        Assert.Matches(@"Max core file size\s+0\s+unlimited ", limits);
        Assert.Matches(@"Max stack size\s+8388608\s+unlimited ", limits);
        Assert.Matches($@"Max processes\s+{threads}\s+{threads} ", limits);
        Assert.Equal("0022\n", _bench.Log("web"));
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        Assert.Equal("0", stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19 - 3]);
        Assert.Equal(Allowed("self"), Allowed($"{pid}"));
    }

    [RootFact]
    public void Exec_OfALimitedShell_HasTheContainersLimits()
    {
        _bench.Start(_bench.Order("web", "echo ready; sleep 100000"));
        _bench.UntilLogged("web", "ready");

        var result = Command.Run("/bin/busybox", ["sh", "-c", "ulimit -n 77; exec \"$0\" exec --instance \"$1\" web -- /bin/busybox sh -c 'ulimit -n'", SupervisorBench.Program, _bench.Name]);

        Assert.Equal("1024\n", result.Succeeded().Out);
    }

    [RootFact]
    public void Accept_WithoutADescriptorToSpare_LetsCallersWait()
    {
        _bench.Start(_bench.Order("web", "sleep 100000"));
        var used = Directory.GetFileSystemEntries($"/proc/{_pid}/fd").Length;
        Command.Run("prlimit", ["--pid", $"{_pid}", $"--nofile={used}:524288"]).Succeeded();
        // Numbers below the limit may be free: callers come until none is.
        var callers = new List<SupervisorClient>();
        SupervisorBench.Until(
            () =>
            {
                if (File.ReadAllText(_bench.Paths.Log).Contains("callers wait", StringComparison.Ordinal))
                    return true;
                callers.Add(SupervisorClient.Connect(_bench.Paths)!);
                Thread.Sleep(20);
                return false;
            },
            "it is not told");

        Command.Run("prlimit", ["--pid", $"{_pid}", "--nofile=524288:524288"]).Succeeded();

        Assert.Equal(_pid, callers[^1].Ask(new Request { Verb = Verb.Hello }).Pid);
        callers.ForEach(static c => c.Dispose());
    }

    private static string Allowed(string pid) =>
        File.ReadLines($"/proc/{pid}/status").Single(static l => l.StartsWith("Cpus_allowed:", StringComparison.Ordinal));
}
