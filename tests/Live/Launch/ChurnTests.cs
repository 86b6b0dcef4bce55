using Provision.Testing;

namespace Provision.Kernel.Launch;

/// <summary>
/// Launches while other threads allocate and collect, a third of the children killed in mid-setup: the child shares the
/// runtime's memory and must never need the runtime, and a killed one must never hold up the one who waits for it.
/// </summary>
public sealed class ChurnTests : IDisposable
{
    private const int SigKill = 9;
    private const int Allocators = 3;
    private const int Fewest = 200;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(60);

    // What is asked for, where it can be had in a minute; a slow machine does fewer, never less than the fewest.
    private const int Launches = 5000;

    private readonly Launcher _launcher = new() { Patience = TimeSpan.FromMinutes(10) };
    private volatile bool _stop;

    public void Dispose() => _launcher.Dispose();

    [RootFact]
    public void Start_UnderAllocationCollectionsAndKills_NeverHangsAndTellsEachEnd()
    {
        var whole = Program(kill: false);
        var killed = Program(kill: true);
        var collections = GC.CollectionCount(0);
        var threads = Enumerable.Range(0, Allocators).Select(_ => new Thread(Churn)).ToArray();
        foreach (var thread in threads)
            thread.Start();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        try
        {
            for (var i = 0; i < Launches && (i < Fewest || watch.Elapsed < Enough); i++)
                if (i % 3 == 0)
                    Assert.Equal(0, Assert.Throws<LaunchException>(() => _launcher.Start(killed, new LaunchInputs())).Errno);
                else
                    Finish();
        }
        finally
        {
            _stop = true;
            foreach (var thread in threads)
                thread.Join();
        }

        Assert.True(GC.CollectionCount(0) > collections);

        void Finish()
        {
            using var child = _launcher.Start(whole, new LaunchInputs());
            Assert.Equal(new ExitStatus(0, 0), child.Wait());
        }
    }

    // Sixty calls before, namespaces as a container has them.
    private static LaunchProgram Program(bool kill)
    {
        List<Step> steps = [.. Enumerable.Repeat(new Step(SystemCall.GetPid, []) { Result = "self" }, 60)];
        if (kill)
            steps.Add(new Step(SystemCall.Kill, [Argument.Slot("self"), SigKill]));
        steps.Add(new Step(SystemCall.Execve, ["/bin/busybox", Argument.Vector(["busybox", "true"]), Argument.Environment([])]));
        // Killed by itself, it must not be the first of a pid namespace, which ignores its own signals.
        const CloneFlags namespaces = CloneFlags.NewNs | CloneFlags.NewUts | CloneFlags.NewIpc;
        return new LaunchProgram("churn", kill ? namespaces : namespaces | CloneFlags.NewPid, [], [.. steps]);
    }

    private void Churn()
    {
        var kept = new object[100];
        for (var i = 0; !_stop; i++)
        {
            for (var j = 0; j < 500; j++)
                kept[j % kept.Length] = new byte[j * 4];
            if (i % 10 == 0)
                GC.Collect(i % 3);
        }

        GC.KeepAlive(kept);
    }
}
