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
    private const uint OnRoot = Inotify.Create | Inotify.Delete;

    private readonly Lock _gate = new();
    private readonly Inotify _inotify = new();
    private readonly CgroupLayout _layout;
    private readonly Dictionary<int, (CgroupHierarchy Hierarchy, string Path)> _watches = [];
    private readonly Dictionary<(string Hierarchy, string Path), int> _numbers = [];
    private HashSet<string> _followed = [];

    public CgroupEvents(CgroupLayout layout) => _layout = layout;

    public string Table => KernelEvent.Cgroups;

    /// <summary>Follows these paths and, for their coming and going, every directory above them.</summary>
    public void Follow(IReadOnlyCollection<string> objects)
    {
        lock (_gate)
        {
            _followed = [.. objects.SelectMany(WithAncestors)];
            foreach (var hierarchy in _layout.Hierarchies)
            {
                foreach (var path in _numbers.Keys.Where(k => k.Hierarchy == hierarchy.Name && !_followed.Contains(k.Path)).ToList())
                    Unwatch(hierarchy, path.Path);
                foreach (var path in _followed)
                    Watch(hierarchy, path);
            }
        }
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
            foreach (var path in _inotify.Wait().Select(Meaning).OfType<string>().Distinct())
                events.TryWrite(new KernelEvent(KernelEvent.Cgroups, path));
        }
    }

    // The path that an event makes suspect, "" when events were lost; null when it means nothing.
    private string? Meaning(InotifyEvent happened)
    {
        if ((happened.Mask & Inotify.QueueOverflow) != 0)
            return "";
        lock (_gate)
        {
            if (!_watches.TryGetValue(happened.Watch, out var at))
                return null;
            var (hierarchy, path) = at;
            if ((happened.Mask & Inotify.IsDirectory) != 0 && happened.Name.Length > 0)
            {
                var child = path.Length == 0 ? happened.Name : $"{path}/{happened.Name}";
                var known = _followed.Contains(child);
                // cgroupfs tells of a removed directory in its parent alone: the watch on it would stay, deaf.
                if (known && (happened.Mask & Inotify.Delete) != 0)
                    Unwatch(hierarchy, child);
                if (known)
                    Watch(hierarchy, child);
                // At the hierarchy's root live everybody's cgroups; ours are the followed ones.
                return known || path.Length > 0 ? child : null;
            }

            return path.Length == 0 || IsNoise(happened.Name) ? null : path;
        }
    }

    private void Watch(CgroupHierarchy hierarchy, string path)
    {
        if (!_followed.Contains(path) || _numbers.ContainsKey((hierarchy.Name, path)))
            return;
        var full = path.Length == 0 ? hierarchy.MountPoint : $"{hierarchy.MountPoint}/{path}";
        var watch = _inotify.Add(full, path.Length == 0 ? OnRoot : OnCgroup);
        if (watch <= 0)
            return;
        _watches[watch] = (hierarchy, path);
        _numbers[(hierarchy.Name, path)] = watch;
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

    /// <summary>Files that the kernel itself touches, or that say nothing of limits.</summary>
    internal static bool IsNoise(string file) =>
        file is "" or "tasks" or "memory.current" or "pids.current" or "cgroup.procs" or "cgroup.threads" or "cgroup.kill" or "cgroup.freeze"
        || file.Contains(".stat", StringComparison.Ordinal) || file.Contains("usage", StringComparison.Ordinal)
        || file.Contains(".events", StringComparison.Ordinal) || file.EndsWith(".pressure", StringComparison.Ordinal)
        || file.EndsWith(".peak", StringComparison.Ordinal) || file.EndsWith("failcnt", StringComparison.Ordinal)
        || file.StartsWith("notify_", StringComparison.Ordinal);
}
