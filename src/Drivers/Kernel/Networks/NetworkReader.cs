using System.Runtime.InteropServices;
using Provision.Kernel.Netlink;
using Provision.Reconciler;

namespace Provision.Kernel.Networks;

/// <summary>A container's network, or why it could not be read.</summary>
public sealed record NetworkReading(NetworkState? State, KernelError? Error);

/// <summary>
/// Reads the networks of containers; has no member that changes anything. Sockets in a container's namespace live for
/// one reading only: one that stays open would keep the namespace, and with it the host's ends, alive.
/// </summary>
public sealed class NetworkReader : IDisposable
{
    // Up to here single links of the host are asked for; a dump of all is shorter for more.
    private const int Few = 16;

    private readonly RtnetlinkReader _host = new();

    /// <summary>Opens the socket for the host's side in the network namespace of the calling thread.</summary>
    /// <exception cref="KernelException">The socket cannot be had.</exception>
    public NetworkReader()
    {
    }

    /// <param name="network">A descriptor of the namespace, from <see cref="NetworkNamespace.Open"/>.</param>
    /// <exception cref="KernelException">It cannot be read.</exception>
    public NetworkState Read(SafeHandle network)
    {
        var reading = Read([network])[0];
        return reading.State ?? throw new KernelException(reading.Error!);
    }

    /// <summary>Reads many; one that cannot be read does not keep the others from it.</summary>
    /// <exception cref="KernelException">The host's own links cannot be read.</exception>
    public IReadOnlyList<NetworkReading> Read(IReadOnlyList<SafeHandle> networks)
    {
        var tables = new NetworkTables[networks.Count];
        var errors = NetworkNamespace.RunEachSideBySide(networks, () =>
        {
            var buffer = new byte[ReadChannel.BufferSize];
            return i =>
            {
                using var reader = new RtnetlinkReader(buffer, NetworkTables.Limit);
                tables[i] = NetworkTables.Read(reader);
            };
        });
        // Links before numbers: the kernel gives a namespace its number when it shows a link that leads there.
        var host = Host(tables.Where((_, i) => errors[i] is null));
        var ids = _host.ReadNamespaceIds(networks);
        return [.. networks.Select((_, i) => errors[i] is { } error
            ? new NetworkReading(null, error)
            : new NetworkReading(NetworkState.Of(tables[i], host, ids[i] ?? Link.UnknownNamespace), null))];
    }

    public void Dispose() => _host.Dispose();

    private LinkTable Host(IEnumerable<NetworkTables> read)
    {
        // What a container says its other ends are is only where to look.
        var claimed = read.SelectMany(static t => t.Links.Links).Where(static l => l.ParentIsElsewhere).Select(static l => l.Parent).ToHashSet();
        if (claimed.Count > Few)
            return _host.ReadLinks();
        var ends = _host.ReadLinks(claimed);
        var masters = _host.ReadLinks(ends.Links.Select(static l => l.Master));
        return new LinkTable(ends.Links.Concat(masters.Links));
    }
}
