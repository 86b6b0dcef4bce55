using Provision.Kernel.Supervise;

namespace Provision.Kernel.Logs;

/// <summary>Why a <see cref="LogWriter"/> stopped moving bytes.</summary>
internal enum PumpEnd
{
    /// <summary>The pipe is empty for now.</summary>
    Empty,

    /// <summary>As much was moved as was asked for; there may be more.</summary>
    More,

    /// <summary>Nobody holds the other end.</summary>
    Closed,

    /// <summary>The file takes nothing: the bytes stay in the pipe.</summary>
    Refused,
}

/// <param name="Errno">Of a refusal; else 0.</param>
internal readonly record struct PumpResult(long Moved, PumpEnd End, int Errno = 0);

/// <summary>
/// Moves what a container writes from its FIFO into its log files with splice(2), so that no byte is ever in this
/// process's memory and none is lost when it is killed. One writer a directory at a time, which the supervisor's lock
/// sees to. Not for several threads.
/// </summary>
internal sealed unsafe class LogWriter : IDisposable
{
    public const uint FileMode = 0x180; // 0600
    private const long SpliceMax = 1 << 20;

    private readonly string _directory;
    private readonly TimeProvider _time;
    private Fd? _file;
    private LogTimes? _times;
    private long _number;
    private long _size;

    /// <summary>Continues the log in the directory, or begins it; the directory is made with mode 0700.</summary>
    public LogWriter(string directory, LoggingSpec limits, TimeProvider time)
    {
        _directory = directory;
        _time = time;
        Limits = limits;
    }

    public LoggingSpec Limits { get; set; }

    /// <summary>Test hook: called before each step that a kill could come in between of.</summary>
    internal Action<string>? Fault { get; set; }

    /// <summary>Moves what is in the pipe, up to about this many bytes.</summary>
    /// <param name="fifo">A description of the pipe's read end that does not block.</param>
    public PumpResult Pump(Fd fifo, long most)
    {
        long moved = 0;
        while (moved < most)
        {
            if (Ready() is var refused and not 0)
                return new PumpResult(moved, PumpEnd.Refused, refused);
            Fault?.Invoke("note the time");
            _times!.Note(Now(), _size);
            Fault?.Invoke("splice");
            // Not the file's own position: an explicit offset cannot be moved by who else has it open.
            var offset = _size;
            var room = (long)Math.Min(Limits.MaxSize - (ulong)_size, (ulong)Math.Min(SpliceMax, most - moved));
            var got = LogNative.splice(fifo.Number, null, _file!.Number, &offset, (nuint)room, LogNative.SpliceMove | LogNative.SpliceNonBlock);
            if (got > 0)
            {
                _size += got;
                moved += got;
            }
            else if (got == 0)
            {
                return new PumpResult(moved, PumpEnd.Closed);
            }
            else if (Sys.LastError == Errno.EAGAIN)
            {
                return new PumpResult(moved, PumpEnd.Empty);
            }
            else if (Sys.LastError != Errno.EINTR)
            {
                return new PumpResult(moved, PumpEnd.Refused, Sys.LastError);
            }
        }

        return new PumpResult(moved, PumpEnd.More);
    }

    public void Dispose()
    {
        _file?.Dispose();
        _times?.Dispose();
        _file = null;
        _times = null;
    }

    // 0 when a file with room is open, else the errno. Every state that a kill leaves on the way is one that this
    // starts from: the highest number is where to go on, and what is too much is removed at the next turn.
    private int Ready()
    {
        if (_file is not null && (ulong)_size < Limits.MaxSize)
            return 0;
        if (_file is null && Continue() is var refused and not 0)
            return refused;
        while ((ulong)_size >= Math.Max(Limits.MaxSize, 1))
            if (Begin(_number + 1) is var full and not 0)
                return full;
        return 0;
    }

    private int Continue()
    {
        try
        {
            Directory.CreateDirectory(_directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var last = LogFiles.Numbers(_directory).LastOrDefault();
            return Begin(last == 0 ? 1 : last);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return ErrnoOf(refused);
        }
    }

    private int Begin(long number)
    {
        Fault?.Invoke("create the file");
        var (file, errno) = Sys.Open(Libc.AT_FDCWD, LogFiles.Path(_directory, number, LogFiles.Data), Libc.O_WRONLY | Libc.O_CREAT | Libc.O_NOFOLLOW, FileMode);
        if (file is null)
            return errno;
        Fault?.Invoke("create the index");
        (var times, errno) = LogTimes.Open(LogFiles.Path(_directory, number, LogFiles.Index));
        if (times is null)
        {
            file.Dispose();
            return errno;
        }

        Dispose();
        (_file, _times, _number) = (file, times, number);
        _size = LogNative.lseek(file.Number, 0, LogNative.SeekEnd);
        Fault?.Invoke("prune");
        try
        {
            LogFiles.Prune(_directory, Limits.MaxFiles);
        }
        catch (Exception kept) when (kept is IOException or UnauthorizedAccessException)
        {
            // Too many files are better than a log that stops.
        }

        return 0;
    }

    private long Now() => (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    // The runtime keeps the errno of a file operation in the low half of HResult on Unix, or the errno itself.
    private static int ErrnoOf(Exception refused) => refused is UnauthorizedAccessException ? Errno.EACCES : refused.HResult is > 0 and < 4096 ? refused.HResult : Errno.EIO;
}
