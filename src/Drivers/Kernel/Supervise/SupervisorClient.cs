using System.Diagnostics;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>One connection to an instance's supervisor. For one thread at a time.</summary>
public sealed unsafe class SupervisorClient : IDisposable
{
    private const int Reset = 104, TimedOut = 110, Refused = 111; // ECONNRESET, ETIMEDOUT, ECONNREFUSED
    private const short PollIn = 1;

    private readonly Fd _socket;
    private readonly string _path;
    private readonly Frames _frames = new();

    private SupervisorClient(Fd socket, string path) => (_socket, _path) = (socket, path);

    /// <summary>Connects; null when no supervisor is there.</summary>
    /// <exception cref="KernelException">There is one, and it cannot be reached (EACCES).</exception>
    public static SupervisorClient? Connect(SupervisorPaths paths)
    {
        var (socket, errno) = UnixSocket.Connect(paths.Socket);
        return socket is not null ? new SupervisorClient(socket, paths.Socket)
            : errno is Errno.ENOENT or Refused ? null
            : throw Sys.Failure("connect", paths.Socket, errno);
    }

    /// <summary>Asks and waits for the answer.</summary>
    /// <exception cref="KernelException">The supervisor ended meanwhile (ECONNRESET: whether it was done is not known), or
    /// did not answer in time (ETIMEDOUT).</exception>
    public Response Ask(Request request, TimeSpan patience)
    {
        var frame = Frames.Of(request.ToBytes()).AsSpan();
        while (!frame.IsEmpty)
        {
            var sent = UnixSocket.Send(_socket, frame);
            if (sent <= 0)
                throw Broken(-sent);
            frame = frame[sent..];
        }

        var began = Stopwatch.GetTimestamp();
        Span<byte> bytes = stackalloc byte[16384];
        while (true)
        {
            Wait(patience - Stopwatch.GetElapsedTime(began));
            var got = UnixSocket.Receive(_socket, bytes);
            if (got <= 0)
                throw Broken(got == 0 ? Reset : -got);
            if (_frames.Add(bytes[..got]) is [var message, ..])
                return Response.Parse(message) ?? throw Broken(71); // EPROTO
            if (_frames.Broken)
                throw Broken(71);
        }
    }

    public void Dispose() => _socket.Dispose();

    private void Wait(TimeSpan left)
    {
        var began = Stopwatch.GetTimestamp();
        var poll = new Libc.PollFd { Fd = _socket.Number, Events = PollIn };
        while (true)
        {
            var rest = left - Stopwatch.GetElapsedTime(began);
            if (rest <= TimeSpan.Zero)
                throw Broken(TimedOut);
            var ready = Libc.poll(&poll, 1, (int)Math.Min(Math.Ceiling(rest.TotalMilliseconds), int.MaxValue));
            if (ready > 0)
                return;
            if (ready < 0 && Sys.LastError != Errno.EINTR)
                throw Broken(Sys.LastError);
        }
    }

    private KernelException Broken(int errno) => new(new KernelError("ask", _path, null, errno,
        errno == TimedOut ? "the supervisor did not answer" : "the supervisor ended before it answered; whether it was done is not known"));
}
