using System.Collections.Immutable;
using System.Threading.Channels;
using Provision.Reconciler;

namespace Provision.Kernel;

/// <summary>
/// Tells when somebody writes a control file of a followed cgroup, or makes or removes a cgroup beside or below
/// one. One inotify descriptor for all; <see cref="KernelEvent.Object"/> is the cgroup's path.
/// </summary>
public sealed class CgroupEvents : IEventSource
{
    private const uint OnCgroup = Inotify.Modify | Inotify.Create | Inotify.Delete;
    // Their run records are extended attributes.
    private const uint OnContainer = OnCgroup | Inotify.Attributes;
    private const uint OnRoot = Inotify.Create | Inotify.Delete;

    // A write to it makes and removes control files below, of which inotify tells nothing.
    private const string SubtreeControl = "cgroup.subtree_control";

    private readonly Lock _gate = new();
    private readonly Inotify _inotify = new();
    private readonly CgroupLayout _layout;
    private readonly Dictionary<int, (CgroupHierarchy Hierarchy, string Path)> _watches = [];
    private readonly Dictionary<(string Hierarchy, string Path), int> _numbers = [];

    // The most telling first: where the kernel has no watch left for all, these get them.
    private readonly ImmutableArray<CgroupHierarchy> _byWorth;

    // Watched since the last hints: what happened before the watch was there has told nobody.
    private readonly HashSet<string> _fresh = [];
    private HashSet<string> _followed = [];

    public CgroupEvents(CgroupLayout layout)
    {
        _layout = layout;
        string[] worth = ["memory", "cpu", "pids"];
        _byWorth = [.. layout.Hierarchies.OrderBy(h => h == layout.Primary ? 0 : h.Controllers.Any(worth.Contains) ? 1 : 2)];
    }

    public string Table => KernelEvent.Cgroups;

    public string? Limitation { get; private set; }

    /// <summary>Test hook: act as a kernel that has no more watches than these.</summary>
    internal int WatchesMax { get; init; } = int.MaxValue;

    /// <summary>
    /// Follows these paths and, for their coming and going, every directory above them. Each path that was not
    /// watched before gets a hint. Where watches run out, the less telling hierarchies go without (<see cref="Limitation"/>).
    /// </summary>
    public void Follow(IReadOnlyCollection<string> objects)
    {
        lock (_gate)
        {
            _followed = [.. objects.SelectMany(WithAncestors)];
            foreach (var (name, path) in _numbers.Keys.Where(k => !_followed.Contains(k.Path)).ToList())
                Unwatch(_layout.Named(name)!, path);
            Limitation = null;
            WatchAll();
        }

        _inotify.Wake();
    }

    public Task Run(ChannelWriter<KernelEvent> events, CancellationToken cancel) =>
        Task.Factory.StartNew(() => Pump(events, cancel), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public void Dispose() => _inotify.Dispose();

    private void Pump(ChannelWriter<KernelEvent> events, CancellationToken cancel)
    {
        using var waker = cancel.Register(_inotify.Wake);
        while (!cancel.IsCancellationRequested)
        {
            // One hint an object and batch is enough.
            var told = _inotify.Wait().SelectMany(Meaning).ToHashSet();
            told.UnionWith(Fresh());
            foreach (var path in told)
                events.TryWrite(new KernelEvent(KernelEvent.Cgroups, path));
        }
    }

    // The paths that an event makes suspect, "" when events were lost; none when it means nothing.
    private IReadOnlyList<string> Meaning(InotifyEvent happened)
    {
        lock (_gate)
        {
            if ((happened.Mask & Inotify.QueueOverflow) != 0)
            {
                WatchAgain();
                return [""];
            }

            if (!_watches.TryGetValue(happened.Watch, out var at))
                return [];
            var (hierarchy, path) = at;
            if ((happened.Mask & Inotify.IsDirectory) != 0 && happened.Name.Length > 0)
            {
                var child = path.Length == 0 ? happened.Name : $"{path}/{happened.Name}";
                var known = _followed.Contains(child);
                // cgroupfs tells of a removed directory in its parent alone: the watch on it would stay, deaf.
                if (known && (happened.Mask & Inotify.Delete) != 0)
                    Unwatch(hierarchy, child);
                // What is in it may have been made before the watch on it.
                if (known)
                    foreach (var below in _followed.Where(p => p == child || p.StartsWith(child + "/", StringComparison.Ordinal)))
                        Watch(hierarchy, below);
                // At the hierarchy's root live everybody's cgroups; ours are the followed ones.
                return known || path.Length > 0 ? [child] : [];
            }

            if (happened.Name == SubtreeControl)
                return [.. _followed.Where(p => p.Length > 0 && (path.Length == 0 || p.StartsWith(path + "/", StringComparison.Ordinal)))];
            return path.Length == 0 || (IsNoise(happened.Name) && !IsLife(path, happened)) ? [] : [path];
        }
    }

    private List<string> Fresh()
    {
        lock (_gate)
        {
            // The hierarchies' root is nobody's, and as a hint would mean everything.
            var fresh = _fresh.Where(static p => p.Length > 0).ToList();
            _fresh.Clear();
            return fresh;
        }
    }

    private void WatchAll()
    {
        foreach (var hierarchy in _byWorth)
            foreach (var path in _followed)
                if (!Watch(hierarchy, path))
                    return;
    }

    // Removals among the lost events have left watches that hear nothing: the kernel gives the same number for a
    // directory that is still the same.
    private void WatchAgain()
    {
        foreach (var ((name, path), old) in _numbers.ToList())
        {
            var hierarchy = _layout.Named(name)!;
            if (Add(hierarchy, path) != old)
                Unwatch(hierarchy, path);
        }

        WatchAll();
    }

    // False when the kernel has no watch left.
    private bool Watch(CgroupHierarchy hierarchy, string path)
    {
        if (_numbers.ContainsKey((hierarchy.Name, path)))
            return true;
        int Try() => _numbers.Count < WatchesMax ? Add(hierarchy, path) : Inotify.NoneLeft;
        var watch = Try();
        while (watch == Inotify.NoneLeft && GiveUpOne(hierarchy))
            watch = Try();
        if (watch == Inotify.NoneLeft)
        {
            Limitation = $"not every change in the {string.Join(", ", _byWorth.Skip(_byWorth.IndexOf(hierarchy)))} hierarchies is seen at once: "
                + "the kernel has no inotify watch left; raise the sysctl fs.inotify.max_user_watches";
            return false;
        }

        if (watch > 0)
        {
            _watches[watch] = (hierarchy, path);
            _numbers[(hierarchy.Name, path)] = watch;
            _fresh.Add(path);
        }

        return true;
    }

    private int Add(CgroupHierarchy hierarchy, string path) => _inotify.Add(
        path.Length == 0 ? hierarchy.MountPoint : $"{hierarchy.MountPoint}/{path}", Mask(hierarchy, path));

    private static uint Mask(CgroupHierarchy hierarchy, string path) =>
        path.Length == 0 ? hierarchy.Unified ? OnRoot | Inotify.Modify : OnRoot
        : IsContainer(path) ? OnContainer : OnCgroup;

    // Takes a watch from the least telling hierarchy; false when none is less telling than this one.
    private bool GiveUpOne(CgroupHierarchy hierarchy)
    {
        foreach (var less in _byWorth.Reverse().TakeWhile(h => h != hierarchy))
            if (_numbers.Keys.FirstOrDefault(k => k.Hierarchy == less.Name) is { Hierarchy: not null } victim)
            {
                Unwatch(less, victim.Path);
                return true;
            }

        return false;
    }

    private void Unwatch(CgroupHierarchy hierarchy, string path)
    {
        if (!_numbers.Remove((hierarchy.Name, path), out var watch))
            return;
        _watches.Remove(watch);
        _inotify.Remove(watch);
    }

    private static IEnumerable<string> WithAncestors(string path)
    {
        yield return path;
        while (path.Length > 0)
        {
            var cut = path.LastIndexOf('/');
            path = cut < 0 ? "" : path[..cut];
            yield return path;
        }
    }

    // A container's own cgroup tells of its processes' coming and going, of want of memory, and what its supervisor notes.
    private static bool IsLife(string path, InotifyEvent happened) => IsContainer(path)
        && (happened.Name is "cgroup.events" or "memory.events" || (happened is { Name: "" } && (happened.Mask & Inotify.Attributes) != 0));

    private static bool IsContainer(string path) => path.EndsWith(Containers.IContainerReader.Suffix, StringComparison.Ordinal);

    /// <summary>Files that the kernel itself touches, or that say nothing of limits.</summary>
    internal static bool IsNoise(string file) =>
        file is "" or "tasks" or "memory.current" or "pids.current" or "cgroup.procs" or "cgroup.threads" or "cgroup.kill" or "cgroup.freeze"
        || file.Contains(".stat", StringComparison.Ordinal) || file.Contains("usage", StringComparison.Ordinal)
        || file.Contains(".events", StringComparison.Ordinal) || file.EndsWith(".pressure", StringComparison.Ordinal)
        || file.EndsWith(".peak", StringComparison.Ordinal) || file.EndsWith("failcnt", StringComparison.Ordinal)
        || file.StartsWith("notify_", StringComparison.Ordinal);
}
