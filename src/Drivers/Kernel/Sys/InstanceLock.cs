using System.Globalization;
using System.Text;

namespace Provision.Kernel;

/// <summary>Who holds an instance's lock, as the lock file tells.</summary>
/// <param name="Pid">0 when the file does not say.</param>
/// <param name="Command">The command line it gave; empty when the file does not say.</param>
/// <param name="Started">When it took the lock; empty when the file does not say.</param>
public sealed record LockHolder(int Pid, string Command, string Started)
{
    public override string ToString() =>
        Pid == 0 ? "another process" : $"pid {Pid} ({Command}), since {Started}";
}

/// <summary>What a lock file tells of its use so far.</summary>
/// <param name="Turn">How many have held the lock.</param>
/// <param name="AtRest">The last of them has let go; one that died has not.</param>
public readonly record struct LockTrace(long Turn, bool AtRest);

/// <summary>The instance is being changed by somebody else, and the time to wait for it is over.</summary>
public sealed class InstanceLockedException(string path, LockHolder holder)
    : Exception($"the instance is locked by {holder} ({path})")
{
    public LockHolder Holder { get; } = holder;
}

/// <summary>
/// One writer an instance: flock(2) on a file that stays, so that nobody can lock a file that another has just
/// removed. The kernel lets go when the holder dies.
/// </summary>
public sealed class InstanceLock : IDisposable
{
    private const string Released = "released";
    private const int LOCK_EX = 2, LOCK_NB = 4;
    private readonly Fd _file;
    private readonly LockTrace _before;

    private InstanceLock(Fd file, LockTrace before) => (_file, _before) = (file, before);

    /// <summary>Takes the lock, waiting up to <paramref name="wait"/> for another holder.</summary>
    /// <param name="path">The lock file; its directory must exist.</param>
    /// <param name="command">What the holder is doing, for the message that others get.</param>
    /// <exception cref="InstanceLockedException">It is still held after that time.</exception>
    /// <exception cref="Reconciler.KernelException">The file cannot be opened or written.</exception>
    public static InstanceLock Acquire(string path, TimeSpan wait, string command, TimeProvider time, CancellationToken cancel = default)
    {
        var (file, errno) = Sys.Open(Libc.AT_FDCWD, path, Libc.O_RDWR | Libc.O_CREAT | Libc.O_NOFOLLOW, 0x180);
        if (file is null)
            throw Sys.Failure("open", path, errno);
        try
        {
            var start = time.GetTimestamp();
            while ((errno = TryLock(file)) != 0)
            {
                if (errno != Errno.EAGAIN)
                    throw Sys.Failure("flock", path, errno);
                if (time.GetElapsedTime(start) >= wait)
                    throw new InstanceLockedException(path, ReadHolder(path));
                if (cancel.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(20)))
                    cancel.ThrowIfCancellationRequested();
            }

            var before = Trace(path);
            var text = string.Create(CultureInfo.InvariantCulture,
                $"pid {Environment.ProcessId}\nstarted {time.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ}\ncommand {command.ReplaceLineEndings(" ")}\nturn {before.Turn + 1}\n");
            if (Libc.ftruncate(file.Number, 0) != 0)
                throw Sys.Failure("ftruncate", path, Sys.LastError);
            errno = Sys.WriteAll(file, Encoding.UTF8.GetBytes(text));
            if (errno != 0)
                throw Sys.Failure("write", path, errno);
            return new InstanceLock(file, before);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>What the lock file says of its last holder, who may be gone.</summary>
    public static LockHolder ReadHolder(string path)
    {
        var lines = Lines(path);
        return new LockHolder(int.TryParse(Value(lines, "pid"), CultureInfo.InvariantCulture, out var pid) ? pid : 0, Value(lines, "command"), Value(lines, "started"));
    }

    /// <summary>How far the lock has come; it is not taken.</summary>
    public static LockTrace Trace(string path)
    {
        var lines = Lines(path);
        return new LockTrace(
            long.TryParse(Value(lines, "turn"), CultureInfo.InvariantCulture, out var turn) ? turn : 0,
            lines is [""] || lines.Contains(Released));
    }

    /// <summary>True when nobody has held the lock since that trace was read.</summary>
    public bool Follows(LockTrace trace) => trace.AtRest && _before == trace;

    /// <summary>Lets go; the file stays.</summary>
    public void Dispose()
    {
        // Who finds this missing takes it that the instance was being changed.
        if (!_file.IsClosed)
            _ = Sys.WriteAll(_file, Encoding.UTF8.GetBytes(Released + "\n"));
        _file.Dispose();
    }

    private static string[] Lines(string path)
    {
        var (file, _) = Sys.Open(Libc.AT_FDCWD, path, Libc.O_RDONLY);
        if (file is null)
            return [""];
        using (file)
            return (Sys.ReadAll(file).Text ?? "").Split('\n');
    }

    private static string Value(string[] lines, string key) =>
        lines.FirstOrDefault(l => l.StartsWith(key + " ", StringComparison.Ordinal))?[(key.Length + 1)..] ?? "";

    private static int TryLock(Fd file)
    {
        while (Libc.flock(file.Number, LOCK_EX | LOCK_NB) != 0)
            if (Sys.LastError != Errno.EINTR)
                return Sys.LastError;
        return 0;
    }
}
