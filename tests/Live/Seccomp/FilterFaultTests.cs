using Provision.Testing;
using static Provision.Kernel.Seccomp.ConfinedBench;

namespace Provision.Kernel.Seccomp;

/// <summary>Reading filters does no harm, whatever a process is doing, and says what it could not see.</summary>
public sealed class FilterFaultTests : IDisposable
{
    private readonly ConfinedBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [RootFact]
    public void Read_AStoppedProcess_IsReadAndStaysStopped()
    {
        var (pid, _) = _bench.Start("load(1); ready(); pause()");
        Signal(pid, "STOP");
        Until(() => Status(pid, "State")[0] == 'T', "it stops");

        Assert.Single(_bench.One().Programs!.Value);

        Until(() => Status(pid, "State")[0] == 'T', "it is stopped again");
        Assert.Equal("0", Status(pid, "TracerPid"));
        Signal(pid, "CONT");
        Until(() => Status(pid, "State")[0] == 'S', "it goes on");
    }

    [RootFact]
    public void Read_WhileSignalsArrive_LosesNone()
    {
        var (pid, file) = _bench.Start("load(1); ready(); echo()");
        Until(() => SignalIsCaught(pid), "it answers signals");
        var (reads, ended) = (0, false);
        var reader = new Thread(() =>
        {
            while (!Volatile.Read(ref ended))
                if (_bench.Read().Tasks is [{ Programs.Length: 1 }])
                    Interlocked.Increment(ref reads);
        });
        reader.Start();
        try
        {
            // One after the other: two that are the same and pending are one.
            for (var sent = 1; sent <= 200; sent++)
            {
                Send(pid, 10);
                Until(() => new FileInfo(file).Length == sent, $"signal {sent} arrives");
            }

            Until(() => Volatile.Read(ref reads) >= 20, "it was read meanwhile");
        }
        finally
        {
            Volatile.Write(ref ended, true);
            reader.Join();
        }

        Assert.Equal(200, new FileInfo(file).Length);
    }

    [RootFact]
    public void Read_AProcessThatIsTraced_IsCountedAndNamesTheTracer()
    {
        var (pid, _) = _bench.Start("load(1); load(1); ready(); pause()");
        var (tracer, _) = _bench.Start($"seize({pid}); ready(); pause()", inLeaf: false);

        var task = _bench.One();

        Assert.Null(task.Programs);
        Assert.Equal(2, task.Count);
        Assert.Equal($"it is traced by process {tracer}", task.Why);
    }

    [RootFact]
    public void Read_ProcessesThatComeAndGo_NeverFails()
    {
        _bench.Start("load(1); ready()\nwhile True:\n  if os.fork() == 0: os._exit(0)\n  if os.fork() == 0: load(2); os._exit(0)\n  os.wait(); os.wait()");

        for (var i = 0; i < 50; i++)
        {
            var tasks = _bench.Read().Tasks;

            Assert.NotEmpty(tasks);
            Assert.All(tasks, static t => Assert.True(t.Programs is { Length: 1 or 2 } || t.Why is not null, t.ToString()));
        }
    }

    // A container's program is put into its cgroup before it has its filter.
    [RootFact]
    public void Read_AProcessOnItsWayIn_IsWaitedForWhereFiltersAreExpected()
    {
        var (pid, _) = _bench.Start("signal.pthread_sigmask(signal.SIG_BLOCK, [10])\nchild = os.fork()\nif child: os.waitpid(child, 0)\nready(); signal.sigwait([10]); load(1); pause()");
        Assert.Empty(_bench.One().Programs!.Value);
        LiveFilters? found = null;
        var reader = new Thread(() => found = _bench.Read(confined: true));
        reader.Start();

        Signal(pid, "USR1");
        reader.Join();

        Assert.Single(Assert.Single(found!.Tasks).Programs!.Value);
    }

    [RootFact]
    public void Read_AProcessWithHundredsOfFilters_IsOnlyCounted()
    {
        _bench.Start("[load(1) for _ in range(300)]; ready(); pause()");

        var task = _bench.One();

        Assert.Equal((null, 300), (task.Programs, task.Count));
        Assert.Contains("more filters", task.Why, StringComparison.Ordinal);
    }

    [RootFact]
    public void Read_WhatCgroupV2Froze_IsReadAndStaysFrozen()
    {
        var (pid, _) = _bench.Start("load(1); ready(); pause()", inLeaf: false);
        var leaf = Directory.CreateDirectory(_bench.Instance.Unified("web.ctr")).FullName;
        Enter(pid, leaf);
        File.WriteAllText($"{leaf}/cgroup.freeze", "1");
        try
        {
            Until(() => Frozen(leaf), "it freezes");

            Assert.Single(_bench.One().Programs!.Value);

            Until(() => Frozen(leaf), "it is frozen again");
            Assert.Equal("0", Status(pid, "TracerPid"));
        }
        finally
        {
            File.WriteAllText($"{leaf}/cgroup.freeze", "0");
        }
    }

    [RootFact]
    [Trait("Needs", "cgroup-v1")]
    public void Read_WhatCgroupV1Froze_IsCountedAtOnce()
    {
        var (pid, _) = _bench.Start("load(1); ready(); pause()");
        using var frozen = new FrozenV1(_bench.Instance, pid);

        var task = _bench.One();

        Assert.Equal((null, 1), (task.Programs, task.Count));
        Assert.Contains("frozen", task.Why, StringComparison.Ordinal);
        Assert.Equal("0", Status(pid, "TracerPid"));
    }

    // What does not stop is let go by the end of its tracer, and neither stops nor dies when it can go on.
    [RootFact]
    [Trait("Needs", "cgroup-v1")]
    public void Trace_WhatDoesNotStop_EndsInTimeAndLeavesItUnharmed()
    {
        var (pid, file) = _bench.Start("load(1); ready(); echo()");
        Until(() => SignalIsCaught(pid), "it answers signals");
        TraceResult? result = null;
        using (new FrozenV1(_bench.Instance, pid))
        {
            var tracer = new Thread(() => result = FilterTrace.Read(new Tracee(pid), static () => true, static () => 1, TimeSpan.FromMilliseconds(100), TimeProvider.System));
            tracer.Start();
            tracer.Join();
        }

        Assert.Equal(TraceEnd.DidNotStop, result!.End);
        Until(() => Status(pid, "TracerPid") == "0", "it is let go");
        Send(pid, 10);
        Until(() => new FileInfo(file).Length == 1, "it goes on");
        Assert.Single(_bench.One().Programs!.Value);
    }

    // SIGUSR1 is number 10: bit 9.
    private static bool SignalIsCaught(int pid) => (Convert.ToUInt64(Status(pid, "SigCgt"), 16) & (1UL << 9)) != 0;

    private static bool Frozen(string cgroup) => File.ReadAllLines($"{cgroup}/cgroup.events").Contains("frozen 1");

    /// <summary>A process in a frozen cgroup of the v1 freezer's hierarchy; disposed, it is thawed.</summary>
    private sealed class FrozenV1 : IDisposable
    {
        private readonly string _cgroup;

        public FrozenV1(OwnInstance instance, int pid)
        {
            _cgroup = Directory.CreateDirectory(instance.V1("freezer")).FullName;
            Enter(pid, _cgroup);
            File.WriteAllText($"{_cgroup}/freezer.state", "FROZEN");
            Until(() => File.ReadAllText($"{_cgroup}/freezer.state").Trim() == "FROZEN", "it freezes");
        }

        public void Dispose() => File.WriteAllText($"{_cgroup}/freezer.state", "THAWED");
    }

    private static void Send(int pid, int signal)
    {
        using var process = Supervise.PidFd.Open(pid)!;
        Assert.Equal(0, Supervise.PidFd.Signal(process, signal));
    }
}
