using System.Globalization;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;
using Provision.Kernel.Netlink;
using Provision.Kernel.Networks;
using Provision.Kernel.Supervise;
using Provision.Reconciler;

namespace Provision.Kernel.Containers;

/// <summary>
/// Tells of changes inside containers' network namespaces: links, addresses and routes. <see cref="KernelEvent.Object"/>
/// is the container's own cgroup. Two descriptors a container: a socket in its namespace, and its first process, with
/// whose end the namespace is let go.
/// </summary>
public sealed class ContainerNetworkEvents : IEventSource
{
    private const int TooManyFiles = 24; // EMFILE
    private const int TooManyFilesHere = 23; // ENFILE

    private readonly NetworkEvents _events = new();
    private readonly DirectoryReader? _primary;

    public ContainerNetworkEvents(CgroupLayout layout) => _primary = layout.Hierarchies.IsEmpty
        ? null
        : new DirectoryReader(layout.Primary.MountPoint, CgroupReader.Rules(layout.Primary));

    public string Table => KernelEvent.Networks;

    public string? Limitation { get; private set; }

    /// <summary>
    /// Listens to those of these cgroups in which a container runs with a network namespace that is not this process's;
    /// lets go of the others. Each that is new, or was started anew, gets a hint.
    /// </summary>
    public void Follow(IReadOnlyCollection<string> objects)
    {
        var leaves = objects.Where(static o => o.EndsWith(IContainerReader.Suffix, StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        _events.Keep(leaves);
        Limitation = null;
        var found = new List<NetworkToWatch>();
        try
        {
            var own = ProcessReader.NetworkOf("self");
            foreach (var leaf in leaves.Where(l => !_events.IsWatched(l)))
                if (Find(leaf, own) is { } network)
                    found.Add(network);
        }
        catch (KernelException refused) when (refused.Error.Errno is TooManyFiles or TooManyFilesHere)
        {
            Limited(refused.Error);
        }

        if (found.Count == 0)
            return;
        try
        {
            if (_events.Watch(found).FirstOrDefault(static e => e is { Errno: TooManyFiles or TooManyFilesHere }) is { } refused)
                Limited(refused);
        }
        finally
        {
            foreach (var network in found)
                network.Network.Dispose();
        }
    }

    public Task Run(ChannelWriter<KernelEvent> events, CancellationToken cancel) =>
        _events.Run(leaf => events.TryWrite(new KernelEvent(Table, leaf)), cancel);

    public void Dispose()
    {
        _events.Dispose();
        _primary?.Dispose();
    }

    // Null when nothing runs there, or the network is not its own.
    private NetworkToWatch? Find(string leaf, ulong? own)
    {
        if (ContainerRun.Parse(_primary?.Attribute(leaf, ContainerRun.Attribute)) is not { Pid: > 0 } run)
            return null;
        var pid = run.Pid.ToString(CultureInfo.InvariantCulture);
        var process = ProcessReader.NetworkOf(pid) is { } inode && inode != own ? PidFd.Open(run.Pid, run.StartTime) : null;
        if (process is null)
            return null;
        SafeFileHandle? network = null;
        try
        {
            network = NetworkNamespace.Open($"/proc/{pid}/ns/net");
            // Asked after the opening: it is that process's and not a successor's.
            if (!PidFd.HasEnded(process))
                return new NetworkToWatch(leaf, network, process);
        }
        catch (KernelException gone) when (gone.Error.Errno is not (TooManyFiles or TooManyFilesHere))
        {
            // It ended meanwhile.
        }
        catch
        {
            process.Dispose();
            throw;
        }

        process.Dispose();
        network?.Dispose();
        return null;
    }

    private void Limited(KernelError error) => Limitation =
        $"not every change inside containers' networks is seen at once: this process may have no more open files (RLIMIT_NOFILE): {error}";
}
