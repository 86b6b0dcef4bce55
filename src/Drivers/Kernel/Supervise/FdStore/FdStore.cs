using Provision.Kernel.Launch;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>
/// Descriptors that outlive this supervisor, however it ends: a second process holds the queue that they are in, and the
/// next supervisor finds it by its cgroup. So a pipe that nobody else has open any more keeps its bytes. It is started
/// with the first container and ended with the last; without it everything goes on, but for that. Belongs to the loop's
/// thread.
/// </summary>
internal sealed class FdStore(SupervisorContext context)
{
    // What is of no use any more is taken out when there is more of it than of the other.
    private const int Waste = 32;
    private const string Mark = "rotation";
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(10);

    private readonly OwnCgroup _cgroup = new(context.Cgroups, context.Paths.Cgroup + "/fdstore");
    private readonly HashSet<string> _held = new(StringComparer.Ordinal);
    private FdQueue? _queue;
    private Fd? _process;
    private bool _refused;
    private int _queued;

    /// <summary>Takes over the store of the last supervisor; what it holds, by name. Empty when there is none.</summary>
    public Dictionary<string, List<Fd>> TakeOver()
    {
        var found = new Dictionary<string, List<Fd>>(StringComparer.Ordinal);
        foreach (var pid in _cgroup.Processes())
        {
            if (ProcStat.Read(pid) is not { IsZombie: false } stat || PidFd.Open(pid, stat.StartTime) is not { } process)
                continue;
            if (_queue is null && PidFd.Take(process, 0) is { } sender && PidFd.Take(process, 1) is { } receiver)
            {
                _queue = FdQueue.Of(sender, receiver);
                Watch(process);
                Rotate(static _ => true, found);
            }
            else
            {
                // Of a start that was cut short, or one that lets nobody look into it.
                End(process);
            }
        }

        return found;
    }

    /// <summary>Holds copies of the descriptors until the name is given up.</summary>
    public void Hold(string name, params ReadOnlySpan<Fd> files)
    {
        _queue ??= FdQueue.Make();
        if (_queue.Send(name, files) is var refused and not 0)
        {
            context.Note($"fd store: {name}: {ErrnoNames.Describe(refused)}");
            return;
        }

        _held.Add(name);
        _queued++;
        if (_process is null && !_refused)
            Start();
    }

    public bool Holds(string name) => _held.Contains(name);

    public void GiveUp(string name)
    {
        _held.Remove(name);
        if (_queue is not null && _queued > _held.Count + Waste)
            Rotate(_held.Contains, null);
    }

    /// <summary>Ends the process, so that its cgroup can go.</summary>
    public void Close()
    {
        _queue?.Dispose();
        _queue = null;
        _held.Clear();
        _queued = 0;
        if (_process is { } process)
        {
            Unwatch();
            End(process);
        }

        _cgroup.Remove();
    }

    /// <summary>Lets go of it without ending it.</summary>
    public void Release()
    {
        _queue?.Dispose();
        if (_process is { } process)
        {
            Unwatch();
            process.Dispose();
        }
    }

    // Once round: each is sent again before it is taken out, so that there is no moment at which it is not in the queue.
    private void Rotate(Func<string, bool> keep, Dictionary<string, List<Fd>>? found)
    {
        var mark = $"{Mark} {Guid.NewGuid():N}";
        if (_queue!.Send(mark) != 0)
            return;
        _queued = 0;
        while (_queue.Peek() is var (name, files))
        {
            // Copies that could not be had, for want of descriptors: it stays, with all that follows.
            if (files.Count == 0 && !name.StartsWith(Mark, StringComparison.Ordinal))
                return;
            var again = files.Count > 0 && keep(name) && _queue.Send(name, files.ToArray()) == 0;
            _queue.Pop();
            if (again)
                _queued++;
            if (again && found is not null && found.TryAdd(name, files))
                _held.Add(name);
            else
                files.ForEach(static f => f.Dispose());
            if (name == mark)
                return;
        }
    }

    private void Start()
    {
        if (_cgroup.Make() is not null)
            return;
        try
        {
            using var executable = ProgramFile.Of(FdStoreProgram.Executable(Libc.IsArm64));
            using var inputs = new LaunchInputs();
            inputs[FdStoreProgram.First] = _queue!.Sender.Number;
            inputs[FdStoreProgram.Second] = _queue.Receiver.Number;
            var files = _cgroup.OpenFiles();
            for (var i = 0; i < files.Count; i++)
                inputs.Own(FdStoreProgram.Join(i), files[i]);
            Watch(context.Launcher.Start(FdStoreProgram.Compile(executable.Number, context.Paths.Instance, files.Count), inputs).Process);
        }
        catch (Exception refused) when (refused is KernelException or LaunchException)
        {
            // Not again: a host that lets nothing be executed from memory goes on so.
            _refused = true;
            context.Note($"fd store: {refused.Message}");
        }
    }

    private void Watch(Fd process)
    {
        _process = process;
        context.Events.Add(process, Epoll.In, _ => Ended());
    }

    // Somebody ended it. The queue is ours too, and gets another holder with the next descriptor.
    private void Ended()
    {
        var process = _process!;
        Unwatch();
        PidFd.Reap(process);
        process.Dispose();
        context.Note("fd store: it was ended from outside");
    }

    private void Unwatch()
    {
        context.Events.Remove(_process!);
        _process = null;
    }

    private void End(Fd process)
    {
        using (process)
        {
            PidFd.Signal(process, SuperviseNative.SigKill);
            if (!PidFd.Wait(process, EndPatience))
                context.Note("fd store: it does not end");
            PidFd.Reap(process);
        }
    }
}
