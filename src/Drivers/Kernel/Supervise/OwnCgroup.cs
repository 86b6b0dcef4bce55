using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>The supervisor's own cgroup: a leaf beside the containers', so that no limit of theirs is a limit of its.</summary>
internal sealed class OwnCgroup(CgroupRoots roots, string path)
{
    private const int KillRounds = 500;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private bool _inside;

    /// <summary>Moves this process into it, making it first; does nothing before the instance has a root of its own.</summary>
    public KernelError? Enter()
    {
        if (_inside || !roots.Primary.At.Exists(Parent))
            return null;
        if (Make() is { } refused)
            return refused;
        foreach (var root in roots.All.Where(r => r.At.Exists(path)))
            if (root.Write($"{path}/cgroup.procs", "0") is { } error)
                return error;
        _inside = true;
        return null;
    }

    /// <summary>Makes it in every hierarchy where what is above it is.</summary>
    public KernelError? Make()
    {
        if (!roots.Primary.At.Exists(Parent))
            return new KernelError("mkdir", path, null, Errno.ENOENT);
        foreach (var hierarchy in roots.Layout.Hierarchies)
        {
            if (Directory.Exists($"{hierarchy.MountPoint}/{path}") || !Directory.Exists($"{hierarchy.MountPoint}/{Parent}"))
                continue;
            using var executor = new CgroupExecutor(new CgroupLayout([hierarchy]));
            if (executor.Execute([new CgroupCreate(path, [hierarchy.Name])], CancellationToken.None)[0] is { Errno: not Errno.EEXIST } error)
                return error;
        }

        return null;
    }

    /// <summary>Open files of every hierarchy that a new process writes "0" to, to be there.</summary>
    public List<Fd> OpenFiles() =>
    [
        .. roots.Layout.Hierarchies
            // v1's tasks moves one thread without waiting for the others of its process, of which there are none.
            .Select(h => Sys.Open(Libc.AT_FDCWD, $"{h.MountPoint}/{path}/{(h.Unified ? "cgroup.procs" : "tasks")}", Libc.O_WRONLY).File)
            .OfType<Fd>(),
    ];

    /// <summary>Processes that are in it itself, in the primary hierarchy.</summary>
    public IEnumerable<int> Processes() => LeafCgroup.Pids(roots.Primary.At.Read($"{path}/cgroup.procs"));

    /// <summary>Removes it where nothing runs in it.</summary>
    public void Remove()
    {
        foreach (var root in roots.All.Where(r => r.At.Exists(path)))
            root.RemoveDirectory(path);
    }

    /// <summary>
    /// Ends supervisors that nobody can reach any more: their run directory, and the lock and the socket in it, was
    /// deleted. Only for who holds the lock: containers outlive it, and are adopted next.
    /// </summary>
    /// <exception cref="KernelException">One is still there after some seconds of SIGKILL.</exception>
    public void EndStrays()
    {
        using var pause = new ManualResetEventSlim();
        for (var round = 0; Strays().ToList() is { Count: > 0 } strays; round++)
        {
            if (round == KillRounds)
                throw new KernelException(new KernelError("kill", path, string.Join(' ', strays), Errno.EBUSY, "an older supervisor does not end"));
            foreach (var pid in strays)
            {
                if (ProcStat.Read(pid) is not { } stat)
                    continue;
                using var process = PidFd.Open(pid, stat.StartTime);
                // Looked up again: what the descriptor holds now is what is in the cgroup.
                if (process is not null && Strays().Contains(pid))
                    PidFd.Signal(process, SuperviseNative.SigKill);
            }

            pause.Wait(Pause);
        }
    }

    private IEnumerable<int> Strays() => Processes().Where(static pid => pid != Environment.ProcessId);

    /// <summary>Moves back to the hierarchies' roots and removes it, so that the instance's root can be removed.</summary>
    public void Leave()
    {
        foreach (var root in roots.All.Where(r => r.At.Exists(path)))
        {
            root.Write("cgroup.procs", "0");
            root.RemoveDirectory(path);
        }

        _inside = false;
    }

    private string Parent => path[..path.LastIndexOf('/')];
}
