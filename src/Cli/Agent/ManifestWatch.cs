using System.Threading.Channels;

namespace Provision.Cli.Agent;

/// <summary>
/// Tells when manifests change: writes, renames, and links swapped as GitOps tools do. A burst is told at its start
/// and again while it lasts, at most every <see cref="Pause"/>.
/// </summary>
internal sealed class ManifestWatch : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly IReadOnlyList<string> _paths;
    private readonly ChannelWriter<AgentSignal> _signals;
    private readonly ITimer _timer;
    private readonly Dictionary<Place, FileSystemWatcher> _watchers = [];
    private int _armed;

    /// <param name="Directory">What is watched.</param>
    /// <param name="Name">The one entry that matters; "*" for all.</param>
    private readonly record struct Place(string Directory, string Name, bool Recursive);

    public ManifestWatch(IReadOnlyList<string> paths, ChannelWriter<AgentSignal> signals, TimeProvider time)
    {
        _paths = paths;
        _signals = signals;
        _timer = time.CreateTimer(_ => Tell(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Follow();
    }

    /// <summary>Watches what the paths lead to now; to be called again after each reading, since links move and files come and go.</summary>
    /// <param name="named">Files that the manifests name.</param>
    public void Follow(params IEnumerable<string> named)
    {
        var places = _paths.Concat(named).SelectMany(static p => Places(Path.GetFullPath(p))).ToHashSet();
        foreach (var gone in _watchers.Keys.Except(places).ToList())
        {
            _watchers.Remove(gone, out var watcher);
            watcher!.Dispose();
        }

        var fresh = places.Where(p => !_watchers.ContainsKey(p)).ToList();
        fresh.ForEach(Watch);
        // What changed before the watch stood would go unseen.
        if (fresh.Count > 0)
            Touched(this, EventArgs.Empty);
    }

    public void Dispose()
    {
        foreach (var watcher in _watchers.Values)
            watcher.Dispose();
        _timer.Dispose();
    }

    // The entry itself in its directory (editors replace files, tools swap links), what it leads to, and the
    // nearest directory that is there when it is not.
    private static IEnumerable<Place> Places(string path)
    {
        while (true)
        {
            var parent = Path.GetDirectoryName(path);
            if (parent is not null && Directory.Exists(parent))
                yield return new Place(parent, Path.GetFileName(path), false);
            if (Directory.Exists(path))
                yield return new Place(path, "*", true);
            else if (parent is not null && !Directory.Exists(parent))
            {
                path = parent;
                continue;
            }

            var target = new FileInfo(path).LinkTarget;
            if (target is null)
                yield break;
            path = Path.GetFullPath(target, parent ?? "/");
        }
    }

    private void Watch(Place place)
    {
        try
        {
            var watcher = new FileSystemWatcher(place.Directory, place.Name) { IncludeSubdirectories = place.Recursive };
            watcher.Changed += Touched;
            watcher.Created += Touched;
            watcher.Deleted += Touched;
            watcher.Renamed += Touched;
            // Events were lost, or the directory went.
            watcher.Error += (_, _) => Touched(this, EventArgs.Empty);
            watcher.EnableRaisingEvents = true;
            _watchers.Add(place, watcher);
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            // Gone meanwhile, or no more watches to be had: the minute's look reads the manifests too.
        }
    }

    private void Touched(object sender, EventArgs e)
    {
        if (Interlocked.Exchange(ref _armed, 1) == 0)
            _timer.Change(Pause, Timeout.InfiniteTimeSpan);
    }

    private void Tell()
    {
        Volatile.Write(ref _armed, 0);
        _signals.TryWrite(new AgentSignal.Manifests());
    }
}
