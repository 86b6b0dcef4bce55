using Provision.Testing;

namespace Provision.Kernel.Launch;

/// <summary>
/// Launches while other threads allocate and collect, a third of the children killed from outside in mid-setup: the child
/// shares the runtime's memory and must never need the runtime, and a killed one must never hold up the one who waits for it.
/// </summary>
public sealed class ChurnTests : IDisposable
{
    private const int SigKill = 9, SigStop = 19;
    private const int Allocators = 3;

    // An emulated processor takes twenty times as long.
    private static readonly int Launches = File.ReadAllText("/proc/cpuinfo").Contains("QEMU TCG", StringComparison.Ordinal) ? 500 : 5000;

    // As many as a supervisor has launch.
    private const int AtOnce = 4;

    private readonly Launcher _launcher = new(AtOnce) { Patience = TimeSpan.FromMinutes(10) };
    private volatile bool _stop;

    public void Dispose() => _launcher.Dispose();

    [RootFact]
    public void Start_UnderAllocationCollectionsAndKills_NeverHangsAndTellsEachEnd() => Launch(atOnce: 1);

    [RootFact]
    public void Start_SeveralAtOnceUnderTheSame_NeverHangsAndTellsEachEnd() => Launch(AtOnce);

    private void Launch(int atOnce)
    {
        // A launch leaves the memory as undumpable as it was, whatever others are under way.
        var dumpable = LaunchNative.prctl(LaunchNative.GetDumpable, 0, 0, 0, 0);
        var whole = Program(kill: false);
        var killed = Program(kill: true);
        var collections = GC.CollectionCount(0);
        var threads = Enumerable.Range(0, Allocators).Select(_ => new Thread(Churn)).Append(new Thread(KillWhoStops)).ToArray();
        foreach (var thread in threads)
            thread.Start();
        try
        {
            SideBySideOn(atOnce, () =>
            {
                for (var i = 0; i < Launches / atOnce; i++)
                    if (i % 3 == 0)
                        Assert.Equal(0, Assert.Throws<LaunchException>(() => _launcher.Start(killed, new LaunchInputs())).Errno);
                    else
                        Finish();
            });
        }
        finally
        {
            _stop = true;
            foreach (var thread in threads)
                thread.Join();
        }

        Assert.True(GC.CollectionCount(0) > collections);
        Assert.Equal(dumpable, LaunchNative.prctl(LaunchNative.GetDumpable, 0, 0, 0, 0));

        void Finish()
        {
            using var child = _launcher.Start(whole, new LaunchInputs());
            Assert.Equal(new ExitStatus(0, 0), child.Wait());
        }
    }

    private static void SideBySideOn(int threads, Action work)
    {
        var failures = new System.Collections.Concurrent.ConcurrentQueue<Exception>();
        var all = Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            try
            {
                work();
            }
            catch (Exception failed)
            {
                failures.Enqueue(failed);
            }
        })).ToList();
        all.ForEach(static t => t.Start());
        all.ForEach(static t => t.Join());
        Assert.Empty(failures);
    }

    // Sixty calls before, namespaces as a container has them.
    private static LaunchProgram Program(bool kill)
    {
        List<Step> steps = [.. Enumerable.Repeat(new Step(SystemCall.GetPid, []) { Result = "self" }, 60)];
        // Which makes the memory that it shares as dumpable as the host has it for those that change their ids.
        steps.Add(new Step(SystemCall.SetResUid, [65534, 65534, 65534]));
        if (kill)
            steps.Add(new Step(SystemCall.Kill, [Argument.Slot("self"), SigStop]));
        steps.Add(new Step(SystemCall.Execve, ["/bin/busybox", Argument.Vector(["busybox", "true"]), Argument.Environment([])]));
        // Stopped by itself, it must not be the first of a pid namespace, which ignores its own signals.
        const CloneFlags namespaces = CloneFlags.NewNs | CloneFlags.NewUts | CloneFlags.NewIpc;
        return new LaunchProgram("churn", kill ? namespaces : namespaces | CloneFlags.NewPid, [], [.. steps]);
    }

    // A child of this process that is stopped is one in mid-setup, with the memory of all.
    private void KillWhoStops()
    {
        while (!_stop)
            foreach (var task in Directory.EnumerateDirectories("/proc/self/task"))
                foreach (var pid in Read(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                    if (Read($"/proc/{pid}/stat").Split(')')[^1].StartsWith(" T", StringComparison.Ordinal))
                        using (var process = Supervise.PidFd.Open(int.Parse(pid, System.Globalization.CultureInfo.InvariantCulture)))
                            if (process is not null)
                                Supervise.PidFd.Signal(process, SigKill);
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return ""; // it has ended
        }
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
