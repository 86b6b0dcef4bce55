using System.Runtime.InteropServices;

namespace Provision.Kernel.Terminals;

/// <summary>
/// Moves bytes between this process's standard streams and the master of a terminal whose other end a process has, until
/// that process has ended and all that it wrote is out. One thread, poll(2): a stream that takes nothing holds up only
/// its own direction, so that an interrupt goes in while output is stuck.
/// </summary>
internal sealed unsafe class TerminalRelay
{
    // A pipe that polls as writable takes so much without blocking.
    private const int Block = 4096;
    private const short In = 1, Out = 4;
    private const int Input = 0, Output = 1, Ignored = -1;

    // More than a terminal buffers: what comes after this is from others that hold it open.
    private const long MostAfterTheEnd = 1 << 20;
    private const int ReopenedMilliseconds = 50;

    private readonly SafeHandle _master;
    private readonly Buffer _inwards = new(), _outwards = new();
    private readonly bool _hangsUp;
    private bool _reads;
    private bool _ended;
    private bool _drained;
    private bool _closed;
    private long _afterTheEnd;

    /// <param name="master">Made not to block.</param>
    /// <param name="input">Whether standard input goes in.</param>
    /// <param name="hangsUp">Its end is the caller's going away; else there is no more to come, and that is all.</param>
    public TerminalRelay(SafeHandle master, bool input, bool hangsUp = true)
    {
        _master = master;
        _hangsUp = hangsUp;
        _reads = input;
        var flags = TerminalNative.fcntl(Number, TerminalNative.FcntlGetStatus, 0);
        if (flags < 0 || TerminalNative.fcntl(Number, TerminalNative.FcntlSetStatus, flags | Libc.O_NONBLOCK) != 0)
            throw Sys.Failure("fcntl", "terminal", Sys.LastError, "O_NONBLOCK");
    }

    private int Number => (int)_master.DangerousGetHandle();

    /// <summary>
    /// Returns when the process has ended and its output is out, or when the caller's terminal or the reader of standard
    /// output is gone: then the master is to be closed, which hangs up on the process.
    /// </summary>
    /// <param name="process">Its pidfd.</param>
    /// <exception cref="Reconciler.KernelException">A stream failed.</exception>
    public void Run(SafeHandle process)
    {
        var polled = stackalloc Libc.PollFd[4];
        while (true)
        {
            var wanted = (short)((_outwards.IsEmpty && !_closed ? In : 0) | (_inwards.IsEmpty ? 0 : Out));
            polled[0] = Of(wanted == 0 || _drained ? Ignored : Number, wanted);
            polled[1] = Of(_reads && _inwards.IsEmpty && !_ended ? Input : Ignored, In);
            polled[2] = Of(_outwards.IsEmpty ? Ignored : Output, Out);
            polled[3] = Of(_ended ? Ignored : (int)process.DangerousGetHandle(), In);
            if (Libc.poll(polled, 4, _closed && !_ended ? ReopenedMilliseconds : -1) < 0)
            {
                if (Sys.LastError != Errno.EINTR)
                    throw Sys.Failure("poll", "terminal", Sys.LastError);
                continue;
            }

            _closed = false;
            _ended |= polled[3].Revents != 0;
            if (polled[2].Revents != 0 && !Give())
                return;
            if (polled[1].Revents != 0 && !Take())
                return;
            // Once the process has ended it is read whether it polls as readable or not: what is under way in the
            // kernel is waited for by read(2).
            if (_outwards.IsEmpty && !_drained && (polled[0].Revents != 0 || _ended))
                Receive();
            if (polled[0].Revents != 0)
                Send();
            if (_drained && _outwards.IsEmpty)
                return;
        }
    }

    // From the process; nothing left is EAGAIN, and EIO when nobody has the other end open.
    private void Receive()
    {
        var got = _outwards.Fill(Number);
        if (got > 0)
        {
            _afterTheEnd += _ended ? got : 0;
            _drained = _afterTheEnd > MostAfterTheEnd;
            return;
        }

        if (got is not (0 or -Errno.EAGAIN or -Errno.EIO))
            throw Sys.Failure("read", "terminal", (int)-got);
        // It may open /dev/tty again.
        _closed = got != -Errno.EAGAIN;
        _drained = _ended;
    }

    // To the process. What a terminal that nobody has open does not take is lost, as keys are.
    private void Send()
    {
        var sent = _inwards.Drain(Number);
        if (sent < 0 && sent != -Errno.EAGAIN)
            _inwards.Clear();
    }

    // From the caller: false when the caller's terminal is gone.
    private bool Take()
    {
        var got = _inwards.Fill(Input);
        return got switch
        {
            > 0 or -Errno.EAGAIN => true,
            0 or -Errno.EIO => !_hangsUp && !(_reads = false),
            _ => throw Sys.Failure("read", "standard input", (int)-got),
        };
    }

    // To the caller: false when nobody reads any more.
    private bool Give()
    {
        var sent = _outwards.Drain(Output);
        return sent switch
        {
            >= 0 or -Errno.EAGAIN => true,
            -Errno.EPIPE or -Errno.EIO => false,
            _ => throw Sys.Failure("write", "standard output", (int)-sent),
        };
    }

    private static Libc.PollFd Of(int file, short events) => new() { Fd = file, Events = events };

    /// <summary>Bytes on their way: filled when it is empty, emptied before it is filled again.</summary>
    private sealed class Buffer
    {
        private readonly byte[] _bytes = new byte[Block];
        private int _begin;
        private int _end;

        public bool IsEmpty => _begin == _end;

        public void Clear() => _begin = _end = 0;

        /// <summary>Bytes read, 0 at an end, or minus the errno.</summary>
        public nint Fill(int file)
        {
            fixed (byte* at = _bytes)
            {
                var got = Sys.Read(file, at, Block);
                if (got > 0)
                    (_begin, _end) = (0, (int)got);
                return got >= 0 ? got : -Sys.LastError;
            }
        }

        /// <summary>Bytes written, or minus the errno.</summary>
        public nint Drain(int file)
        {
            if (IsEmpty)
                return 0;
            fixed (byte* at = _bytes)
            {
                nint sent;
                do
                    sent = Libc.write(file, at + _begin, _end - _begin);
                while (sent < 0 && Sys.LastError == Errno.EINTR);
                if (sent < 0)
                    return -Sys.LastError;
                _begin += (int)sent;
                return sent;
            }
        }
    }
}
