namespace Provision.Kernel.Logs;

/// <summary>
/// The named pipe between a container's standard output and its log. The container's end is open for reading too, so
/// that it meets neither SIGPIPE nor an end while no supervisor is there, and blocking, because a description without
/// that loses lines; the supervisor's end is another description that does not block.
/// </summary>
internal static class LogFifo
{
    /// <summary>Makes the pipe (mode 0600), or keeps the one that is there.</summary>
    /// <param name="user">Owner, so that a container's process can open /dev/stdout again.</param>
    /// <exception cref="Reconciler.KernelException">It cannot be made.</exception>
    public static void Make(string path, uint user, uint group)
    {
        if (LogNative.mkfifo(path, LogWriter.FileMode) != 0 && Sys.LastError != Errno.EEXIST)
            throw Sys.Failure("mkfifo", path, Sys.LastError);
        using var file = OpenReader(path);
        if (LogNative.fchown(file.Number, user, group) != 0)
            throw Sys.Failure("fchown", path, Sys.LastError);
    }

    /// <summary>The supervisor's end; open for writing too, so that it never reads as closed while it idles.</summary>
    /// <exception cref="Reconciler.KernelException">It cannot be opened.</exception>
    public static Fd OpenReader(string path)
    {
        var (file, errno) = Sys.Open(Libc.AT_FDCWD, path, Libc.O_RDWR | Libc.O_NONBLOCK | Libc.O_NOFOLLOW);
        return file ?? throw Sys.Failure("open", path, errno);
    }

    /// <summary>The container's end.</summary>
    /// <exception cref="Reconciler.KernelException">It cannot be opened.</exception>
    public static Fd OpenContainerEnd(string path)
    {
        var (file, errno) = Sys.Open(Libc.AT_FDCWD, path, Libc.O_RDWR | Libc.O_NOFOLLOW);
        return file ?? throw Sys.Failure("open", path, errno);
    }
}
