using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>
/// A sealed copy of a program in memory. Who runs from it cannot be overwritten through /proc/PID/exe, and the file on
/// disk can be replaced meanwhile (CVE-2019-5736).
/// </summary>
internal static class ProgramFile
{
    private const nuint ChunkLength = 1 << 30;

    /// <summary>Closed by exec; can be executed by its path in /proc/self/fd until then.</summary>
    /// <exception cref="KernelException">The program cannot be read or there is no memory for it.</exception>
    public static Fd Copy(string path)
    {
        var (source, errno) = Sys.Open(Libc.AT_FDCWD, path, Libc.O_RDONLY);
        if (source is null)
            throw Sys.Failure("open", path, errno);
        using (source)
            return Copy(source);
    }

    /// <summary>As above, of an open file, from its begin whatever its position.</summary>
    public static unsafe Fd Copy(Fd source)
    {
        const string name = "provision";
        var number = SuperviseNative.memfd_create(name, SuperviseNative.MemoryCloseOnExec | SuperviseNative.MemoryAllowSealing);
        if (number < 0)
            throw Sys.Failure("memfd_create", name, Sys.LastError);
        var copy = new Fd(number);
        try
        {
            long at = 0;
            nint sent;
            while ((sent = SuperviseNative.sendfile(copy.Number, source.Number, &at, ChunkLength)) != 0)
                if (sent < 0 && Sys.LastError != Errno.EINTR)
                    throw Sys.Failure("sendfile", name, Sys.LastError);
            if (SuperviseNative.fcntl(copy.Number, SuperviseNative.AddSeals, SuperviseNative.AllSeals) != 0)
                throw Sys.Failure("seal", name, Sys.LastError);
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }
}
