using System.Threading.Channels;

namespace Provision.Cli.Agent;

/// <summary>
/// Tells when files in the manifest directories change. Editors and GitOps tools write, rename and swap links in
/// bursts, so a burst is told once, when it has been quiet for a moment.
/// </summary>
internal sealed class ManifestWatch : IDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(50);

    private readonly List<FileSystemWatcher> _watchers = [];
    private readonly ITimer _settled;

    public ManifestWatch(IEnumerable<string> paths, ChannelWriter<AgentSignal> signals, TimeProvider time)
    {
        _settled = time.CreateTimer(
            _ => signals.TryWrite(new AgentSignal.Manifests()), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        foreach (var directory in paths.Select(DirectoryOf).Where(Directory.Exists).Distinct())
            _watchers.Add(Watch(directory));
    }

    public void Dispose()
    {
        _watchers.ForEach(static w => w.Dispose());
        _settled.Dispose();
    }

    // A file is watched through its directory: editors replace files, and a watch on the old one would stay with it.
    private static string DirectoryOf(string path) =>
        Directory.Exists(path) ? Path.GetFullPath(path) : Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";

    private FileSystemWatcher Watch(string directory)
    {
        var watcher = new FileSystemWatcher(directory) { IncludeSubdirectories = true };
        watcher.Changed += Touched;
        watcher.Created += Touched;
        watcher.Deleted += Touched;
        watcher.Renamed += Touched;
        // Events were lost, or the directory went: look, and let the minute's look do the rest.
        watcher.Error += (_, _) => Touched(this, EventArgs.Empty);
        watcher.EnableRaisingEvents = true;
        return watcher;
    }

    private void Touched(object sender, EventArgs e) => _settled.Change(Quiet, Timeout.InfiniteTimeSpan);
}
