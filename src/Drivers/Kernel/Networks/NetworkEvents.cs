using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Provision.Kernel.Netlink;
using Provision.Reconciler;

namespace Provision.Kernel.Networks;

/// <summary>
/// Tells which containers' networks moved: links, addresses and routes inside. One thread for all. A container that
/// changes its network without end is told about ten times a second at most.
/// </summary>
/// <remarks>
/// A watched namespace stays alive, with its interfaces and their host ends: <see cref="Unwatch"/> when the container
/// has ended.
/// </remarks>
public sealed class NetworkEvents : IEventSource
{
    private static readonly int[] Groups = [1, 5, 7, 9, 11]; // RTNLGRP_LINK, IPV4_IFADDR, IPV4_ROUTE, IPV6_IFADDR, IPV6_ROUTE
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);
    private const int DatagramsATurn = 64;

    private readonly Lock _turn = new();
    private readonly Dictionary<string, Watched> _watched = new(StringComparer.Ordinal);
    private readonly Bell _bell = new();
    private readonly byte[] _datagram = new byte[64 << 10];
    private volatile bool _stopped;

    public string Table => KernelEvent.Networks;

    /// <summary>Subscribed before it returns. A name that is watched already moves to the new namespace.</summary>
    /// <param name="name">The object of the events: the container.</param>
    /// <param name="network">A descriptor of its namespace, from <see cref="NetworkNamespace.Open"/>.</param>
    /// <exception cref="KernelException">It cannot be entered, or the socket cannot be had.</exception>
    public void Watch(string name, SafeHandle network)
    {
        var socket = NetworkNamespace.Run(network, Subscribe);
        lock (_turn)
        {
            if (_watched.Remove(name, out var before))
                before.Socket.Dispose();
            _watched[name] = new Watched(name, socket);
        }

        _bell.Ring();
    }

    public void Unwatch(string name)
    {
        lock (_turn)
            if (_watched.Remove(name, out var gone))
                gone.Socket.Dispose();
        _bell.Ring();
    }

    /// <summary>Unwatches all but these; a namespace can only be had from <see cref="Watch"/>.</summary>
    public void Follow(IReadOnlyCollection<string> objects)
    {
        string[] gone;
        lock (_turn)
            gone = [.. _watched.Keys.Except(objects)];
        foreach (var name in gone)
            Unwatch(name);
    }

    public Task Run(ChannelWriter<KernelEvent> events, CancellationToken cancel) =>
        Task.Factory.StartNew(() => Listen(events, cancel), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public void Dispose()
    {
        Follow([]);
        _bell.Dispose();
    }

    private static NetlinkSocket Subscribe()
    {
        var socket = new NetlinkSocket(receiveBuffer: null);
        foreach (var group in Groups)
            // Those of IPv6 are missing where the kernel has none.
            if (!socket.TryJoin(group) && group < 9)
            {
                socket.Dispose();
                throw new KernelException(new KernelError("NETLINK_ADD_MEMBERSHIP", $"rtnetlink group {group}", null, Errno.EINVAL));
            }

        return socket;
    }

    private void Listen(ChannelWriter<KernelEvent> events, CancellationToken cancel)
    {
        using var registration = cancel.Register(() =>
        {
            _stopped = true;
            _bell.Ring();
        });
        while (!_stopped)
        {
            Watched[] waiting;
            int[] descriptors;
            TimeSpan? until;
            lock (_turn)
            {
                var quiet = _watched.Values.ToLookup(static w => w.Silence);
                waiting = [.. quiet.Where(static g => g.Key <= TimeSpan.Zero).SelectMany(static g => g)];
                descriptors = [.. waiting.Select(static w => (int)w.Socket.Handle.DangerousGetHandle())];
                until = quiet.Select(static g => g.Key).Where(static silence => silence > TimeSpan.Zero).Select(static s => (TimeSpan?)s).Min();
            }

            foreach (var place in _bell.Wait(descriptors, until))
                if (Moved(waiting[place]))
                    events.TryWrite(new KernelEvent(Table, waiting[place].Name));
        }
    }

    // What it says does not matter: the answer to it is a fresh look.
    private bool Moved(Watched watched)
    {
        lock (_turn)
        {
            if (_watched.GetValueOrDefault(watched.Name) != watched)
                return false;
            var any = false;
            try
            {
                for (var i = 0; i < DatagramsATurn && watched.Socket.TryReceive(_datagram, out _); i++)
                    any = true;
            }
            catch (KernelException)
            {
                any = true; // lost events, or a socket that tells nothing any more: look
            }

            if (any)
                watched.Told();
            return any;
        }
    }

    private sealed class Watched(string name, NetlinkSocket socket)
    {
        private long _told;

        public string Name => name;

        public NetlinkSocket Socket => socket;

        /// <summary>How long it is not to be listened to; what comes meanwhile waits in the socket.</summary>
        public TimeSpan Silence => _told == 0 ? TimeSpan.Zero : Quiet - Stopwatch.GetElapsedTime(_told);

        public void Told() => _told = Stopwatch.GetTimestamp();
    }
}
