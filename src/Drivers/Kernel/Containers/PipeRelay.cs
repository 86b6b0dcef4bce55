using System.Runtime.InteropServices;

namespace Provision.Kernel.Containers;

/// <summary>
/// Moves bytes between this process's standard streams and the pipes of a process, until that has ended and all that it
/// wrote is out. One thread, poll(2); each stream holds up itself alone, and a pipe that is full its writer.
/// </summary>
internal sealed unsafe class PipeRelay(EntryPipes pipes)
{
    private const short In = 1, Out = 4, Wrong = 0x8 | 0x20; // POLLERR, POLLNVAL
    private const int Input = 0, Ignored = -1;

    private readonly Stream _input = new();
    private readonly Stream[] _outputs = [new() { To = 1 }, new() { To = 2 }];
    private bool _ended;

    /// <summary>
    /// Returns when the process has ended and its output is out. Output that nobody reads any more closes its pipe: the
    /// process is told by SIGPIPE, as it would be without a pipe between.
    /// </summary>
    /// <param name="process">Its pidfd.</param>
    /// <exception cref="Reconciler.KernelException">A stream of the caller's failed.</exception>
    public void Run(SafeHandle process)
    {
        Span<Libc.PollFd> polled = stackalloc Libc.PollFd[7];
        while (!_ended || Array.Exists(_outputs, static o => !o.Done))
        {
            var reads = pipes.Input is not null && !_ended;
            polled[0] = Of(reads && _input.IsEmpty ? Input : Ignored, In);
            polled[1] = Of(reads ? pipes.Input!.Number : Ignored, _input.IsEmpty ? (short)0 : Out);
            for (var i = 0; i < _outputs.Length; i++)
            {
                polled[2 + i] = Of(_outputs[i].IsEmpty && !_outputs[i].Done ? Pipe(i).Number : Ignored, In);
                polled[4 + i] = Of(_outputs[i].IsEmpty ? Ignored : _outputs[i].To, Out);
            }

            polled[6] = Of(_ended ? Ignored : (int)process.DangerousGetHandle(), In);
            // What the process left is there to be read already.
            var idle = !_ended || Array.TrueForAll(_outputs, static o => o.Done || !o.IsEmpty);
            int ready;
            fixed (Libc.PollFd* at = polled)
                ready = Libc.poll(at, (ulong)polled.Length, idle ? -1 : 0);
            if (ready < 0)
            {
                if (Sys.LastError != Errno.EINTR)
                    throw Sys.Failure("poll", "standard streams", Sys.LastError);
                continue;
            }

            _ended |= polled[6].Revents != 0;
            if (reads)
                Inwards(polled[0].Revents != 0, polled[1].Revents);
            for (var i = 0; i < _outputs.Length; i++)
                Outwards(i, polled[2 + i].Revents != 0, polled[4 + i].Revents != 0);
        }
    }

    private void Inwards(bool given, short place)
    {
        // Nobody reads it: what is under way is lost as it would be in a pipe.
        if ((place & Wrong) != 0)
        {
            pipes.CloseInput();
            return;
        }

        if (place != 0 && _input.Drain(pipes.Input!.Number, Stream.Size) is < 0 and not -Errno.EAGAIN)
            pipes.CloseInput();
        else if (given && _input.Fill(Input) is var got and not -Errno.EAGAIN && got <= 0)
            // The end, or a terminal that is gone, or no descriptor 0.
            pipes.CloseInput();
    }

    private void Outwards(int i, bool written, bool taken)
    {
        var stream = _outputs[i];
        if (taken && stream.Drain(stream.To, Stream.Atomic) is var sent and < 0 && sent != -Errno.EAGAIN)
        {
            if (sent is not (-Errno.EPIPE or -Errno.EIO or -BadDescriptor))
                throw Sys.Failure("write", stream.To == 1 ? "standard output" : "standard error", (int)-sent);
            Close(i);
        }

        if (!stream.IsEmpty || stream.Done || !(written || _ended))
            return;
        var got = stream.Fill(Pipe(i).Number);
        if (got > 0)
            // Others may hold the pipe open and write for ever: more than it holds was not the process's.
            stream.Left -= _ended ? got : 0;
        if (got == 0 || (got < 0 && (got != -Errno.EAGAIN || _ended)))
            Close(i);
        else if (stream.Left <= 0)
            stream.Last = true;
    }

    private void Close(int i)
    {
        Pipe(i).Dispose();
        _outputs[i].Clear();
        _outputs[i].Closed = true;
    }

    private const int BadDescriptor = 9; // EBADF

    private Fd Pipe(int i) => i == 0 ? pipes.Output : pipes.Errors;

    private static Libc.PollFd Of(int file, short events) => new() { Fd = file, Events = events };

    /// <summary>Bytes on their way: filled when it is empty, emptied before it is filled again.</summary>
    private sealed class Stream
    {
        public const int Size = 1 << 16;

        // A pipe that polls as writable takes so much without blocking (PIPE_BUF).
        public const int Atomic = 4096;

        private readonly byte[] _bytes = new byte[Size];
        private int _begin;
        private int _end;

        public int To { get; init; }

        /// <summary>Bytes that may still come after the end of the process: as much as a pipe can be made to hold.</summary>
        public long Left { get; set; } = 1 << 20;

        /// <summary>Nothing is read after what is held.</summary>
        public bool Last { get; set; }

        public bool Closed { get; set; }

        public bool IsEmpty => _begin == _end;

        public bool Done => Closed || (Last && IsEmpty);

        public void Clear() => _begin = _end = 0;

        /// <summary>Bytes read, 0 at an end, or minus the errno.</summary>
        public nint Fill(int file)
        {
            fixed (byte* at = _bytes)
            {
                var got = Sys.Read(file, at, Size);
                if (got > 0)
                    (_begin, _end) = (0, (int)got);
                return got >= 0 ? got : -Sys.LastError;
            }
        }

        /// <summary>Bytes written, at most so many, or minus the errno.</summary>
        public nint Drain(int file, int most)
        {
            if (IsEmpty)
                return 0;
            fixed (byte* at = _bytes)
            {
                nint sent;
                do
                    sent = Libc.write(file, at + _begin, Math.Min(most, _end - _begin));
                while (sent < 0 && Sys.LastError == Errno.EINTR);
                if (sent < 0)
                    return -Sys.LastError;
                _begin += (int)sent;
                return sent;
            }
        }
    }
}
