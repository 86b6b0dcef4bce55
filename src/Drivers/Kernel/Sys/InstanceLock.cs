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
    private const int LOCK_EX = 2, LOCK_NB = 4;
    private readonly Fd _file;

    private InstanceLock(Fd file) => _file = file;

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

            var text = string.Create(CultureInfo.InvariantCulture,
                $"pid {Environment.ProcessId}\nstarted {time.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ}\ncommand {command.ReplaceLineEndings(" ")}\n");
            if (Libc.ftruncate(file.Number, 0) != 0)
                throw Sys.Failure("ftruncate", path, Sys.LastError);
            errno = Sys.WriteAll(file, Encoding.UTF8.GetBytes(text));
            if (errno != 0)
                throw Sys.Failure("write", path, errno);
            return new InstanceLock(file);
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
        var (file, _) = Sys.Open(Libc.AT_FDCWD, path, Libc.O_RDONLY);
        if (file is null)
            return new LockHolder(0, "", "");
        using (file)
        {
            var lines = (Sys.ReadAll(file).Text ?? "").Split('\n');
            string Value(string key) =>
                lines.FirstOrDefault(l => l.StartsWith(key + " ", StringComparison.Ordinal))?[(key.Length + 1)..] ?? "";
            return new LockHolder(int.TryParse(Value("pid"), CultureInfo.InvariantCulture, out var pid) ? pid : 0, Value("command"), Value("started"));
        }
    }

    /// <summary>Lets go; the file stays.</summary>
    public void Dispose() => _file.Dispose();

    private static int TryLock(Fd file)
    {
        while (Libc.flock(file.Number, LOCK_EX | LOCK_NB) != 0)
            if (Sys.LastError != Errno.EINTR)
                return Sys.LastError;
        return 0;
    }
}
