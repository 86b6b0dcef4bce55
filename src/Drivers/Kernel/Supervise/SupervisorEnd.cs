using System.Diagnostics;

namespace Provision.Kernel.Supervise;

/// <summary>Waits for an instance's supervisor that is about to end: who says that nothing is left should not leave it behind.</summary>
public sealed unsafe class SupervisorEnd : IDisposable
{
    private const short PollIn = 1, HungUp = 0x10 | 0x8; // POLLHUP, POLLERR

    private readonly SupervisorPaths _paths;
    private Fd? _process;

    /// <summary>Notes who supervises now. To be made while it still has something to keep.</summary>
    public SupervisorEnd(SupervisorPaths paths)
    {
        _paths = paths;
        _process = Find(paths);
    }

    /// <summary>
    /// Waits for its end when it has left its cgroup, which it does with its last container; returns at once when there is
    /// none, or it keeps others.
    /// </summary>
    /// <returns>False when it is still there after that time.</returns>
    public bool Wait(TimeSpan patience)
    {
        // One that was brought up since.
        if (_process is null || PidFd.HasEnded(_process))
        {
            _process?.Dispose();
            _process = Find(_paths);
        }

        if (_process is null || Keeps())
            return true;
        var began = Stopwatch.GetTimestamp();
        var poll = new Libc.PollFd { Fd = _process.Number, Events = PollIn };
        while (true)
        {
            var left = patience - Stopwatch.GetElapsedTime(began);
            var ready = Libc.poll(&poll, 1, (int)Math.Max(0, left.TotalMilliseconds));
            if (ready > 0)
                return true;
            if (ready == 0 || Sys.LastError != Errno.EINTR)
                return false;
        }
    }

    public void Dispose() => _process?.Dispose();

    private bool Keeps()
    {
        using var roots = new CgroupRoots(CgroupLayout.Discover());
        return roots.All.Any(r => r.At.Exists(_paths.Cgroup));
    }

    // The pid is that of who listens; that the connection stands after the opening proves that it was still that process.
    private static Fd? Find(SupervisorPaths paths)
    {
        var (socket, _) = UnixSocket.Connect(paths.Socket);
        if (socket is null)
            return null;
        using (socket)
        {
            if (UnixSocket.Peer(socket) is not { Uid: 0 } peer || PidFd.Open(peer.Pid) is not { } process)
                return null;
            var poll = new Libc.PollFd { Fd = socket.Number };
            if (Libc.poll(&poll, 1, 0) >= 0 && (poll.Revents & HungUp) == 0)
                return process;
            process.Dispose();
            return null;
        }
    }
}
