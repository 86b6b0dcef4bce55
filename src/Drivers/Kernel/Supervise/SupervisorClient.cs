using System.Diagnostics;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>One connection to an instance's supervisor. For one thread at a time.</summary>
public sealed unsafe class SupervisorClient : IDisposable
{
    private const int ProtocolError = 71, Reset = 104, TimedOut = 110, Refused = 111; // EPROTO, ECONNRESET, ETIMEDOUT, ECONNREFUSED
    private const short PollIn = 1;
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    private readonly Fd _socket;
    private readonly SupervisorPaths _paths;
    private readonly Frames _frames = new(Frames.LongestAnswer);

    private SupervisorClient(Fd socket, SupervisorPaths paths) => (_socket, _paths) = (socket, paths);

    /// <summary>Connects; null when no supervisor is there.</summary>
    /// <exception cref="KernelException">There is one, and it cannot be reached (EACCES).</exception>
    public static SupervisorClient? Connect(SupervisorPaths paths)
    {
        var (socket, errno) = UnixSocket.Connect(paths.Socket);
        return socket is not null ? new SupervisorClient(socket, paths)
            : errno is Errno.ENOENT or Refused ? null
            : throw Sys.Failure("connect", paths.Socket, errno);
    }

    /// <summary>Asks the supervisor to become the program that this process runs.</summary>
    /// <exception cref="KernelException">As <see cref="Ask(Request)"/>.</exception>
    public Response AskUpgrade()
    {
        var (program, errno) = Sys.Open(Libc.AT_FDCWD, "/proc/self/exe", Libc.O_RDONLY);
        if (program is null)
            throw Sys.Failure("open", "/proc/self/exe", errno);
        using (program)
            return Ask(new Request { Verb = Verb.Upgrade }, program);
    }

    /// <summary>Asks and waits for the answer, however long the work takes, as long as the supervisor answers others.</summary>
    /// <exception cref="KernelException">The supervisor ended meanwhile (ECONNRESET: whether it was done is not known),
    /// hangs (ETIMEDOUT), or answered what is no answer (EPROTO).</exception>
    public Response Ask(Request request) => Ask(request, program: null);

    /// <param name="program">Passed along (SCM_RIGHTS); stays the caller's.</param>
    internal Response Ask(Request request, Fd? program)
    {
        Send(request, program);
        while (true)
            if (Answer(Silence) is { } answer)
                return answer;
            else
                Probe();
    }

    /// <summary>Asks and waits for the answer.</summary>
    /// <exception cref="KernelException">As above; ETIMEDOUT after this time.</exception>
    public Response Ask(Request request, TimeSpan patience)
    {
        Send(request, null);
        return Answer(patience) ?? throw Broken(TimedOut);
    }

    public void Dispose() => _socket.Dispose();

    private void Send(Request request, Fd? program)
    {
        var frame = Frames.Of(request.ToBytes()).AsSpan();
        while (!frame.IsEmpty)
        {
            var sent = program is null ? UnixSocket.Send(_socket, frame) : UnixSocket.SendWith(_socket, frame, program);
            if (sent <= 0)
                throw Broken(-sent);
            program = null;
            frame = frame[sent..];
        }
    }

    // Null when the time is over.
    private Response? Answer(TimeSpan patience)
    {
        var began = Stopwatch.GetTimestamp();
        Span<byte> bytes = stackalloc byte[16384];
        while (Wait(patience - Stopwatch.GetElapsedTime(began)))
        {
            var got = UnixSocket.Receive(_socket, bytes);
            if (got <= 0)
                throw Broken(got == 0 ? Reset : -got);
            if (_frames.Add(bytes[..got]) is [var message, ..])
                return Response.Parse(message) ?? throw Broken(ProtocolError);
            if (_frames.Broken)
                throw Broken(ProtocolError);
        }

        return null;
    }

    private void Probe()
    {
        using var other = Connect(_paths) ?? throw Broken(Reset);
        other.Ask(new Request { Verb = Verb.Hello }, Silence);
    }

    private bool Wait(TimeSpan left)
    {
        var began = Stopwatch.GetTimestamp();
        var poll = new Libc.PollFd { Fd = _socket.Number, Events = PollIn };
        while (true)
        {
            var rest = left - Stopwatch.GetElapsedTime(began);
            if (rest <= TimeSpan.Zero)
                return false;
            var ready = Libc.poll(&poll, 1, (int)Math.Min(Math.Ceiling(rest.TotalMilliseconds), int.MaxValue));
            if (ready > 0)
                return true;
            if (ready < 0 && Sys.LastError != Errno.EINTR)
                throw Broken(Sys.LastError);
        }
    }

    private KernelException Broken(int errno) => new(new KernelError("ask", _paths.Socket, null, errno, errno switch
    {
        TimedOut => "the supervisor did not answer",
        ProtocolError => "the supervisor answered what is no answer: it may be of another version; whether it was done is not known",
        _ => "the supervisor ended before it answered; whether it was done is not known",
    }));
}
