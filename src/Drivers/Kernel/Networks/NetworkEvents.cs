using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Provision.Kernel.Netlink;
using Provision.Kernel.Supervise;
using Provision.Reconciler;

namespace Provision.Kernel.Networks;

/// <summary>A network namespace to listen to.</summary>
/// <param name="Name">The object of its events.</param>
/// <param name="Network">A descriptor of it, from <see cref="NetworkNamespace.Open"/>.</param>
/// <param name="Life">A pidfd whose process' end ends the watch; taken over. Null: nothing but <see cref="NetworkEvents.Keep"/> ends it.</param>
internal sealed record NetworkToWatch(string Name, SafeHandle Network, Fd? Life = null);

/// <summary>
/// Tells which network namespaces moved: links, addresses and routes in them (rtnetlink(7) multicasts; lost ones are a
/// reason to look as well). One thread for all. One that moves without end is told about ten times a second at most.
/// </summary>
/// <remarks>A socket keeps its namespace alive, with its interfaces and their host ends, until the watch ends.</remarks>
internal sealed class NetworkEvents : IDisposable
{
    private static readonly int[] Groups = [1, 5, 7, 9, 11]; // RTNLGRP_LINK, IPV4_IFADDR, IPV4_ROUTE, IPV6_IFADDR, IPV6_ROUTE
    private const int FirstOfIPv6 = 9;
    private const int DatagramsATurn = 64;

    private readonly Lock _turn = new();
    private readonly Dictionary<string, WatchedNetwork> _watched = new(StringComparer.Ordinal);

    // For the thread that listens, which alone adds to, takes from and closes what is in the epoll.
    private readonly ConcurrentQueue<(WatchedNetwork Watched, bool Begins)> _tasks = new();
    private readonly Queue<WatchedNetwork> _silent = new();
    private readonly Epoll _epoll = new();
    private readonly byte[] _datagram = new byte[64 << 10];

    /// <summary>
    /// Subscribed when it returns; each is told of once, since what moved before has told nobody. A name that is watched
    /// already moves to its new namespace.
    /// </summary>
    /// <returns>For each what the kernel refused, or null.</returns>
    public IReadOnlyList<KernelError?> Watch(IReadOnlyList<NetworkToWatch> all)
    {
        var sockets = new NetlinkSocket[all.Count];
        var errors = NetworkNamespace.RunEach([.. all.Select(static n => n.Network)], i => sockets[i] = Subscribe());
        lock (_turn)
            for (var i = 0; i < all.Count; i++)
                if (errors[i] is null)
                {
                    Forget(all[i].Name);
                    var watched = new WatchedNetwork(all[i].Name, sockets[i], all[i].Life);
                    _watched.Add(watched.Name, watched);
                    _tasks.Enqueue((watched, true));
                }
                else
                {
                    all[i].Life?.Dispose();
                }

        _epoll.Wake();
        return errors;
    }

    /// <summary>Whether it is watched, and the process that it ends with lives.</summary>
    public bool IsWatched(string name)
    {
        lock (_turn)
            return _watched.TryGetValue(name, out var watched) && (watched.Life is null || !PidFd.HasEnded(watched.Life));
    }

    /// <summary>Ends the watch of all but these.</summary>
    public void Keep(IReadOnlySet<string> names)
    {
        lock (_turn)
            foreach (var gone in _watched.Keys.Where(n => !names.Contains(n)).ToList())
                Forget(gone);
        _epoll.Wake();
    }

    public Task Run(Action<string> tell, CancellationToken cancel) =>
        Task.Factory.StartNew(() => Listen(tell, cancel), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Not before <see cref="Run"/> has ended.</summary>
    public void Dispose()
    {
        lock (_turn)
            foreach (var name in _watched.Keys.ToList())
                Forget(name);
        while (_tasks.TryDequeue(out var task))
            task.Watched.Dispose();
        _epoll.Dispose();
    }

    private static NetlinkSocket Subscribe()
    {
        var socket = new NetlinkSocket(receiveBuffer: null);
        foreach (var group in Groups)
            // Those of IPv6 are missing where the kernel has none.
            if (!socket.TryJoin(group) && group < FirstOfIPv6)
            {
                socket.Dispose();
                throw new KernelException(new KernelError("NETLINK_ADD_MEMBERSHIP", $"rtnetlink group {group}", null, Errno.EINVAL));
            }

        return socket;
    }

    private void Forget(string name)
    {
        if (_watched.Remove(name, out var gone))
            _tasks.Enqueue((gone, false));
    }

    private void Listen(Action<string> tell, CancellationToken cancel)
    {
        using var registration = cancel.Register(_epoll.Wake);
        while (!cancel.IsCancellationRequested)
        {
            while (_tasks.TryDequeue(out var task))
                if (task.Begins)
                    Begin(task.Watched, tell);
                else
                    End(task.Watched);
            _epoll.Wait(Silence(tell));
        }
    }

    private void Begin(WatchedNetwork watched, Action<string> tell)
    {
        _epoll.Add(watched.Socket.Handle, Epoll.In, _ => Moved(watched, tell));
        if (watched.Life is { } life)
            _epoll.Add(life, Epoll.In, _ => Ended(watched));
        tell(watched.Name);
    }

    private void End(WatchedNetwork watched)
    {
        if (watched.IsOver)
            return;
        _epoll.Remove(watched.Socket.Handle);
        if (watched.Life is { } life)
            _epoll.Remove(life);
        watched.Dispose();
    }

    private void Ended(WatchedNetwork watched)
    {
        lock (_turn)
            if (_watched.GetValueOrDefault(watched.Name) == watched)
                _watched.Remove(watched.Name);
        End(watched);
    }

    // What it says does not matter: the answer to it is a fresh look.
    private void Moved(WatchedNetwork watched, Action<string> tell)
    {
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

        if (!any)
            return;
        tell(watched.Name);
        if (!watched.Told())
            return;
        // Out of the epoll, which would tell of an error whatever was asked for.
        _epoll.Remove(watched.Socket.Handle);
        _silent.Enqueue(watched);
    }

    /// <summary>Listens again to those whose silence is over; milliseconds until the next one's, -1 when none is silent.</summary>
    private int Silence(Action<string> tell)
    {
        while (_silent.TryPeek(out var first))
        {
            if (!first.IsOver && first.Silence is var left && left > TimeSpan.Zero)
                return (int)Math.Ceiling(left.TotalMilliseconds);
            _silent.Dequeue();
            if (!first.IsOver)
                _epoll.Add(first.Socket.Handle, Epoll.In, _ => Moved(first, tell));
        }

        return -1;
    }
}
