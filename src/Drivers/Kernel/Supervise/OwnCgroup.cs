using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>The supervisor's own cgroup: a leaf beside the containers', so that no limit of theirs is a limit of its.</summary>
internal sealed class OwnCgroup(CgroupRoots roots, string path)
{
    private bool _inside;

    /// <summary>Moves this process into it, making it first; does nothing before the instance has a root of its own.</summary>
    public KernelError? Enter()
    {
        if (_inside || !roots.Primary.At.Exists(Parent))
            return null;
        foreach (var hierarchy in roots.Layout.Hierarchies)
        {
            if (Directory.Exists($"{hierarchy.MountPoint}/{path}") || !Directory.Exists($"{hierarchy.MountPoint}/{Parent}"))
                continue;
            using var executor = new CgroupExecutor(new CgroupLayout([hierarchy]));
            if (executor.Execute([new CgroupCreate(path, [hierarchy.Name])], CancellationToken.None)[0] is { Errno: not Errno.EEXIST } error)
                return error;
        }

        foreach (var root in roots.All.Where(r => r.At.Exists(path)))
            if (root.Write($"{path}/cgroup.procs", "0") is { } error)
                return error;
        _inside = true;
        return null;
    }

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
