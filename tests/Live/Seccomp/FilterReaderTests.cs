using Provision.Testing;
using static Provision.Kernel.Seccomp.ConfinedBench;

namespace Provision.Kernel.Seccomp;

/// <summary>Filters are read back from real processes as they were loaded.</summary>
public sealed class FilterReaderTests : IDisposable
{
    private readonly ConfinedBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private static IEnumerable<int> Lengths(TaskFilters task) => task.Programs!.Value.Select(static p => p.Instructions.Length);

    [RootFact]
    public void Read_SeveralFilters_GivesEachByteOldestFirst()
    {
        var (pid, _) = _bench.Start("load(1); load(2); load(3); ready(); pause()");

        var task = _bench.One();

        Assert.Equal((pid, pid, 1, 3), (task.Pid, task.Task, task.Threads, task.Count));
        Assert.Equal([1, 2, 3], Lengths(task));
        Assert.All(task.Programs!.Value.SelectMany(static p => p.Instructions), static i => Assert.Equal(new SockFilter(SockFilter.Return, 0, 0, SeccompAction.Allow.Value), i));
    }

    [RootFact]
    public void Read_AProcessWithoutFilters_HasNone()
    {
        _bench.Start("ready(); pause()");

        var task = _bench.One();

        Assert.Empty(task.Programs!.Value);
        Assert.False(task.IsStrict);
    }

    [RootFact]
    public void Read_StrictMode_IsToldApart()
    {
        var (pid, _) = _bench.Start("ready(); strict()");
        Until(() => Status(pid, "Seccomp") == "1", "it is in strict mode");

        var task = _bench.One();

        Assert.True(task.IsStrict);
        Assert.Empty(task.Programs!.Value);
    }

    [RootFact]
    public void Read_AThreadWithAFilterOfItsOwn_IsTold()
    {
        var (pid, _) = _bench.Start("load(1); thread(lambda: None); thread(lambda: load(2)); ready(); pause()");

        var tasks = _bench.Read().Tasks;

        Assert.Equal([2, 1], tasks.Select(static t => t.Threads));
        Assert.Equal([1], Lengths(tasks[0]));
        Assert.Equal([1, 2], Lengths(tasks[1]));
        Assert.NotEqual(pid, tasks[1].Task);
    }

    [RootFact]
    public void Read_AProcessWhoseFirstThreadEnded_ReadsWhatLives()
    {
        // It leaves when it is told to: a thread that is ending enters no cgroup.
        var (pid, _) = _bench.Start("signal.pthread_sigmask(signal.SIG_BLOCK, [10]); thread(lambda: load(2)); ready(); signal.sigwait([10]); leave()");
        Signal(pid, "USR1");
        Until(() => Status(pid, "State")[0] == 'Z', "its first thread has ended");

        var task = _bench.One();

        Assert.NotEqual(task.Pid, task.Task);
        Assert.Equal([2], Lengths(task));
    }

    [RootFact]
    public void Read_ProcessesOfACgroupBelow_AreRead()
    {
        var below = Directory.CreateDirectory(Path.Combine(_bench.LeafDirectory, "below")).FullName;
        var (pid, _) = _bench.Start("load(1); ready(); pause()", inLeaf: false);
        Enter(pid, below);

        Assert.Equal(pid, _bench.One().Pid);
    }

    [RootFact]
    public void Read_AnEmptyOrMissingCgroup_IsNothing()
    {
        Assert.Empty(_bench.Read().Tasks);
        Assert.Empty(_bench.Reader.Read(_bench.Leaf + "/nothing", confined: true).Tasks);
    }

    [RootFact]
    public void Read_AProcessElsewhere_IsNotTouched()
    {
        _bench.Start("load(1); ready(); pause()", inLeaf: false);

        Assert.Empty(_bench.Read().Tasks);
    }
}
