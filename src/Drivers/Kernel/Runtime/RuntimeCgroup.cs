using System.Collections.Immutable;
using Provision.Kernel.Supervise;
using Provision.Reconciler;

namespace Provision.Kernel.Runtime;

/// <summary>A value of a control file, in the hierarchy where its controller lives.</summary>
/// <param name="Controller"><c>memory</c>, <c>cpu</c>, …; empty: the v2 hierarchy.</param>
public sealed record RuntimeLimit(string Controller, string File, string Value);

/// <summary>Limits of a container's cgroup, in the order in which they are written.</summary>
/// <param name="Devices">v2: the rules of its device program; null: none.</param>
public sealed record RuntimeLimits(ImmutableArray<RuntimeLimit> Values, ImmutableArray<DeviceRule>? Devices)
{
    public static readonly RuntimeLimits None = new([], null);
}

/// <summary>The cgroup of a runtime's container: the same path in every hierarchy.</summary>
public sealed class RuntimeCgroup : IDisposable
{
    private const string Freeze = "cgroup.freeze", FreezerState = "freezer.state";

    private readonly CgroupRoots _roots;
    private readonly LeafCgroup _leaf;

    /// <param name="path">Relative to the mount points.</param>
    public RuntimeCgroup(CgroupLayout layout, string path)
    {
        _roots = new CgroupRoots(layout);
        _leaf = new LeafCgroup(_roots, path);
    }

    public string Path => _leaf.Path;

    /// <summary>Absolute directories, one a hierarchy.</summary>
    public IReadOnlyList<string> Directories => [.. _roots.Layout.Hierarchies.Select(h => $"{h.MountPoint}/{Path}")];

    public bool Exists => _leaf.Exists;

    /// <summary>Processes in it and below.</summary>
    public IReadOnlyList<int> Processes() => _leaf.Processes();

    /// <summary>Makes it, and what leads there, in every hierarchy.</summary>
    /// <param name="limits">What is to be limited is passed on from above.</param>
    /// <exception cref="KernelException">It cannot be made, or something runs in it.</exception>
    public void Make(RuntimeLimits limits)
    {
        var controllers = limits.Values.Select(static l => l.Controller.Length > 0 ? l.Controller : l.File.Split('.')[0]).ToHashSet();
        if (Exists && _leaf.Populated)
            throw new KernelException(new KernelError("mkdir", Path, null, Errno.EBUSY, "the container's cgroup is not empty"));
        foreach (var hierarchy in _roots.Layout.Hierarchies)
            Make(hierarchy, RootOf(hierarchy), controllers);
    }

    /// <summary>Writes limits; the first refusal is thrown.</summary>
    public void Limit(RuntimeLimits limits)
    {
        foreach (var limit in limits.Values)
        {
            var hierarchy = limit.Controller.Length == 0 ? _roots.Layout.Unified : _roots.Layout.For(limit.Controller);
            if (hierarchy is null)
                throw new KernelException(new KernelError("write", $"{Path}/{limit.File}", limit.Value, Errno.ENOENT,
                    $"this host has no controller {limit.Controller}; it has {_roots.Layout.ControllersText}"));
            if (RootOf(hierarchy).Write($"{Path}/{limit.File}", limit.Value) is { } refused)
                throw new KernelException(refused);
        }

        if (limits.Devices is not { } rules || _roots.Unified is not { } unified)
            return;
        var (directory, errno) = unified.At.Open(Path, Libc.O_RDONLY | Libc.O_DIRECTORY);
        if (directory is null)
            throw Sys.Failure("open", unified.At.Full(Path), errno);
        using (directory)
            if (BpfDevices.Attach(directory, unified.At.Full(Path), rules) is { } refused)
                throw new KernelException(refused);
    }

    /// <summary>Kills what is in it, until nothing is; then it goes.</summary>
    /// <exception cref="KernelException">Something does not end.</exception>
    public void Remove()
    {
        const int rounds = 2000, last = 1000;
        using var pause = new ManualResetEventSlim();
        for (var round = 0; Exists; round++)
        {
            if (_leaf.Populated)
            {
                _leaf.KillRound(lastResort: round > last);
                _leaf.Thaw();
            }
            else if (RemoveAll() is not { } busy)
            {
                return;
            }
            else if (round >= rounds)
            {
                throw new KernelException(busy);
            }

            if (round >= rounds)
                throw new KernelException(new KernelError("kill", Path, null, Errno.EBUSY, "processes do not end"));
            pause.Wait(TimeSpan.FromMilliseconds(10));
        }

        // Of hierarchies other than the first, which tells whether it is there.
        _ = RemoveAll();
    }

    /// <summary>Null where the kernel has no freezer.</summary>
    public bool? IsFrozen() => Freezer() is not var (root, file) ? null
        : root.At.Read($"{Path}/{file}")?.Trim() is "1" or "FROZEN" or "FREEZING";

    /// <summary>Stops what is in it, or has it go on.</summary>
    /// <exception cref="KernelException">There is no freezer, or it does not come to rest.</exception>
    public void SetFrozen(bool frozen)
    {
        if (Freezer() is not var (root, file))
            throw new KernelException(new KernelError("freeze", Path, null, Errno.EOPNOTSUPP, "this host has no freezer: cgroup v2, or v1's freezer"));
        if (root.Write($"{Path}/{file}", file == Freeze ? frozen ? "1" : "0" : frozen ? "FROZEN" : "THAWED") is { } refused)
            throw new KernelException(refused);
        using var pause = new ManualResetEventSlim();
        const int rounds = 6000;
        for (var round = 0; round < rounds; round++)
        {
            var now = file == Freeze
                ? LeafCgroup.CounterIn(root.At.Read($"{Path}/cgroup.events") ?? "", "frozen") == 1
                : root.At.Read($"{Path}/{file}")?.Trim() == "FROZEN";
            if (now == frozen)
                return;
            pause.Wait(TimeSpan.FromMilliseconds(10));
        }

        throw new KernelException(new KernelError("freeze", Path, null, Errno.EBUSY, "it does not come to rest"));
    }

    public void Dispose() => _roots.Dispose();

    private (DirectoryWriter Root, string File)? Freezer() =>
        _roots.Unified is { } unified && unified.At.Exists($"{Path}/{Freeze}") ? (unified, Freeze)
        : _roots.Freezer is { } freezer ? (freezer, FreezerState) : null;

    private DirectoryWriter RootOf(CgroupHierarchy hierarchy) => _roots.All.First(r => r.At.Directory == hierarchy.MountPoint);

    private void Make(CgroupHierarchy hierarchy, DirectoryWriter root, HashSet<string> controllers)
    {
        var parts = Path.Split('/');
        for (var i = 1; i <= parts.Length; i++)
        {
            var path = string.Join('/', parts[..i]);
            // Controllers that cannot be passed on are missed by the limit that needs them, which says so.
            if (hierarchy.Unified)
                foreach (var controller in hierarchy.Controllers.Where(controllers.Contains))
                    _ = SubtreeControl.Enable(root, string.Join('/', parts[..(i - 1)]), [controller]);
            if (root.MakeDirectory(path) is { } refused)
            {
                if (refused.Errno != Errno.EEXIST)
                    throw new KernelException(refused);
                continue;
            }

            if (CpusetStart.Initialise(root, hierarchy, path) is { } empty)
                throw new KernelException(empty);
        }
    }

    private KernelError? RemoveAll()
    {
        KernelError? busy = null;
        foreach (var root in _roots.All)
            busy = Remove(root, Path) ?? busy;
        return busy;
    }

    private static KernelError? Remove(DirectoryWriter root, string path)
    {
        foreach (var child in root.At.Visit(path, [])?.Children ?? [])
            _ = Remove(root, $"{path}/{child}");
        return root.RemoveDirectory(path) is { } refused && refused.Errno != Errno.ENOENT ? refused : null;
    }
}
