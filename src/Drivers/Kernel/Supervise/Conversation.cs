namespace Provision.Kernel.Supervise;

/// <summary>
/// One caller's connection: one request after the other, each answered before the next is looked at. Bytes that are no
/// message end it; a message that is no request is answered with an error.
/// </summary>
internal sealed class Conversation : IDisposable
{
    private const int MessageTooLong = 90; // EMSGSIZE

    private readonly Epoll _events;
    private readonly Fd _socket;
    private readonly Action<Conversation, Request> _asked;
    private readonly Action<Conversation> _ended;
    private readonly Frames _frames = new();
    private readonly Queue<byte[]> _waiting = new();
    private byte[] _toSend = [];
    private Fd? _passed;
    private bool _answering;
    private bool _choosing;
    private bool _gone;

    public Conversation(Epoll events, Fd socket, Action<Conversation, Request> asked, Action<Conversation> ended)
    {
        (_events, _socket, _asked, _ended) = (events, socket, asked, ended);
        _events.Add(socket, Epoll.In, Ready);
    }

    public Fd Socket => _socket;

    public bool IsGone => _gone;

    /// <summary>The descriptor that came with a request; whoever takes it closes it.</summary>
    public Fd? TakePassed()
    {
        var passed = _passed;
        _passed = null;
        return passed;
    }

    /// <summary>Answers the request under way; a caller that is gone misses it.</summary>
    public void Answer(Response response)
    {
        _answering = false;
        if (_gone)
            return;
        Send(response);
        // Within Next, its loop goes on by itself: a thousand bad messages in a row must not be a thousand calls deep.
        if (!_gone && !_choosing)
            Next();
    }

    public void Dispose()
    {
        if (_gone)
            return;
        _gone = true;
        _events.Remove(_socket);
        _socket.Dispose();
        _passed?.Dispose();
        _ended(this);
    }

    private void Ready(uint events)
    {
        if ((events & Epoll.Out) != 0)
            Flush();
        if (!_gone && (events & (Epoll.In | Epoll.HangUp | Epoll.Error)) != 0)
            Receive();
    }

    private void Receive()
    {
        Span<byte> bytes = stackalloc byte[16384];
        var got = UnixSocket.Receive(_socket, bytes, out var passed);
        if (passed is not null)
        {
            _passed?.Dispose();
            _passed = passed;
        }

        if (got == -Errno.EAGAIN)
            return;
        if (got <= 0)
        {
            Dispose();
            return;
        }

        foreach (var message in _frames.Add(bytes[..got]))
            _waiting.Enqueue(message);
        if (_frames.Broken)
        {
            Send(Refusal(Errno.EINVAL, $"a message has 1 to {Frames.MaxLength} bytes"));
            Dispose();
            return;
        }

        Next();
    }

    private void Next()
    {
        _choosing = true;
        while (!_gone && !_answering && _waiting.TryDequeue(out var message))
        {
            var (request, problem) = Request.Parse(message);
            _answering = true;
            if (request is null)
                Answer(Refusal(Errno.EINVAL, problem));
            else
                _asked(this, request);
        }

        _choosing = false;
        // A caller who asks on and on without waiting for answers is not read from until it is its turn again.
        if (!_gone)
            _events.Modify(_socket, (_waiting.Count < 16 ? Epoll.In : 0) | (_toSend.Length > 0 ? Epoll.Out : 0));
    }

    private static Response Refusal(int errno, string? why) => new() { Error = new WireError("read", "message", null, errno, why, false) };

    private void Send(Response response)
    {
        // Who does not fetch what was asked for is no caller.
        if (_toSend.Length > 4 * Frames.MaxLength)
        {
            Dispose();
            return;
        }

        var bytes = response.ToBytes();
        if (bytes.Length > Frames.LongestAnswer)
            bytes = Refusal(MessageTooLong, $"the answer has {bytes.Length} bytes, more than {Frames.LongestAnswer}").ToBytes();
        _toSend = [.. _toSend, .. Frames.Of(bytes, Frames.LongestAnswer)];
        Flush();
    }

    private void Flush()
    {
        var done = 0;
        while (done < _toSend.Length)
        {
            var sent = UnixSocket.Send(_socket, _toSend.AsSpan(done));
            if (sent == -Errno.EAGAIN)
                break;
            if (sent <= 0)
            {
                Dispose();
                return;
            }

            done += sent;
        }

        _toSend = _toSend[done..];
        _events.Modify(_socket, Epoll.In | (_toSend.Length > 0 ? Epoll.Out : 0));
    }
}
