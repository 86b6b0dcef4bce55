using Provision.Reconciler;

namespace Provision.Kernel;

/// <summary>
/// Standard input, output or error as they are: bytes through read(2) and write(2). The runtime's console streams
/// also set up a terminal (keypad mode, terminfo, a thread for signals), which nothing here asks for.
/// </summary>
/// <param name="number">0, 1 or 2.</param>
public sealed unsafe class StandardStream(int number) : Stream
{
    private const short PollIn = 1, PollOut = 4;

    public override bool CanRead => number == 0;

    public override bool CanWrite => number != 0;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var got = Sys.Read(number, start, buffer.Length);
                if (got >= 0)
                    return (int)got;
                WaitOrThrow("read", PollIn);
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Writes all of it; a reader that has gone away is no error.</summary>
    /// <exception cref="IOException">HResult is the errno.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            for (var done = 0; done < buffer.Length;)
            {
                var wrote = Libc.write(number, start + done, buffer.Length - done);
                if (wrote >= 0)
                    done += (int)wrote;
                else if (Sys.LastError == Errno.EPIPE)
                    return;
                else if (Sys.LastError != Errno.EINTR)
                    WaitOrThrow("write", PollOut);
            }
        }
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    // Somebody else may have made the open file description non-blocking.
    private void WaitOrThrow(string action, short events)
    {
        var errno = Sys.LastError;
        if (errno != Errno.EAGAIN)
            throw new IOException($"{action}: {ErrnoNames.Describe(errno)}", errno);
        var wanted = new Libc.PollFd { Fd = number, Events = events };
        _ = Libc.poll(&wanted, 1, -1);
    }
}
