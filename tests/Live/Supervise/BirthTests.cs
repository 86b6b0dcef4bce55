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
            "exec 9> \"$1\"; umask 077; ulimit -S -n 77; ulimit -S -c 4096; ulimit -S -s 4096; exec nice -n 5 taskset 1 \"$0\" supervise --instance \"$2\" --detach",
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

        var threads = ulong.Parse(File.ReadAllText("/proc/sys/kernel/threads-max"), CultureInfo.InvariantCulture) / 2;
        Assert.Equal(Possible("Max open files", 1024, 524288), Limits(pid, "Max open files"));
        Assert.Equal(Possible("Max core file size", 0, ulong.MaxValue), Limits(pid, "Max core file size"));
        Assert.Equal(Possible("Max stack size", 8 << 20, ulong.MaxValue), Limits(pid, "Max stack size"));
        Assert.Equal(Possible("Max processes", threads, threads), Limits(pid, "Max processes"));
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

        var result = Command.Run("/bin/busybox", ["sh", "-c", "ulimit -S -n 77; exec \"$0\" exec --instance \"$1\" web -- /bin/busybox sh -c 'ulimit -n'", SupervisorBench.Program, _bench.Name]);

        Assert.Equal("1024\n", result.Succeeded().Out);
    }

    [RootFact]
    public void Accept_WithoutADescriptorToSpare_LetsCallersWait()
    {
        _bench.Start(_bench.Order("web", "sleep 100000"));
        var used = Directory.GetFileSystemEntries($"/proc/{_pid}/fd").Length;
        var hard = Limits(_pid, "Max open files").Hard;
        Command.Run("prlimit", ["--pid", $"{_pid}", $"--nofile={used}:{hard}"]).Succeeded();
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

        Command.Run("prlimit", ["--pid", $"{_pid}", $"--nofile={hard}:{hard}"]).Succeeded();

        Assert.Equal(_pid, callers[^1].Ask(new Request { Verb = Verb.Hello }).Pid);
        callers.ForEach(static c => c.Dispose());
    }

    // Who may not raise hard limits (capabilities(7), CAP_SYS_RESOURCE is 24) can give no more than it has.
    private static (ulong Soft, ulong Hard) Possible(string name, ulong soft, ulong hard)
    {
        var effective = File.ReadLines("/proc/self/status").Single(static l => l.StartsWith("CapEff:", StringComparison.Ordinal))["CapEff:".Length..].Trim();
        var most = (ulong.Parse(effective, NumberStyles.HexNumber, CultureInfo.InvariantCulture) & (1UL << 24)) != 0
            ? ulong.MaxValue
            : Limits(Environment.ProcessId, name).Hard;
        return (Math.Min(soft, most), Math.Min(hard, most));
    }

    // /proc/PID/limits has columns of fixed width.
    private static (ulong Soft, ulong Hard) Limits(int pid, string name)
    {
        var words = File.ReadLines($"/proc/{pid}/limits").Single(l => l.StartsWith(name + " ", StringComparison.Ordinal))[26..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (Number(words[0]), Number(words[1]));

        static ulong Number(string word) => word == "unlimited" ? ulong.MaxValue : ulong.Parse(word, CultureInfo.InvariantCulture);
    }

    private static string Allowed(string pid) =>
        File.ReadLines($"/proc/{pid}/status").Single(static l => l.StartsWith("Cpus_allowed:", StringComparison.Ordinal));
}
