using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>
/// A sealed copy of a program in memory. Who runs from it cannot be overwritten through /proc/PID/exe, and the file on
/// disk can be replaced meanwhile (CVE-2019-5736).
/// </summary>
internal static class ProgramFile
{
    private const string Name = "provision";
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
        var copy = Made();
        try
        {
            long at = 0;
            nint sent;
            while ((sent = SuperviseNative.sendfile(copy.Number, source.Number, &at, ChunkLength)) != 0)
                if (sent < 0 && Sys.LastError != Errno.EINTR)
                    throw Sys.Failure("sendfile", Name, Sys.LastError);
            Seal(copy);
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <summary>A program of this content.</summary>
    /// <exception cref="KernelException">There is no memory for it.</exception>
    public static Fd Of(ReadOnlySpan<byte> content)
    {
        var file = Made();
        try
        {
            if (Sys.WriteAll(file, content) is var errno and not 0)
                throw Sys.Failure("write", Name, errno);
            Seal(file);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static Fd Made()
    {
        var number = SuperviseNative.memfd_create(Name, SuperviseNative.MemoryCloseOnExec | SuperviseNative.MemoryAllowSealing);
        return number >= 0 ? new Fd(number) : throw Sys.Failure("memfd_create", Name, Sys.LastError);
    }

    private static void Seal(Fd file)
    {
        if (SuperviseNative.fcntl(file.Number, SuperviseNative.AddSeals, SuperviseNative.AllSeals) != 0)
            throw Sys.Failure("seal", Name, Sys.LastError);
    }
}
