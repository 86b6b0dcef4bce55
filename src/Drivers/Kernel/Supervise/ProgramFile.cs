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
    public static unsafe Fd Copy(string path)
    {
        var (source, errno) = Sys.Open(Libc.AT_FDCWD, path, Libc.O_RDONLY);
        if (source is null)
            throw Sys.Failure("open", path, errno);
        using (source)
        {
            var copy = Made(path);
            try
            {
                nint sent;
                while ((sent = SuperviseNative.sendfile(copy.Number, source.Number, null, ChunkLength)) != 0)
                    if (sent < 0 && Sys.LastError != Errno.EINTR)
                        throw Sys.Failure("sendfile", path, Sys.LastError);
                Seal(copy, path);
                return copy;
            }
            catch
            {
                copy.Dispose();
                throw;
            }
        }
    }

    /// <summary>A program of this content.</summary>
    /// <exception cref="KernelException">There is no memory for it.</exception>
    public static Fd Of(ReadOnlySpan<byte> content)
    {
        var file = Made("program");
        try
        {
            if (Sys.WriteAll(file, content) is var errno and not 0)
                throw Sys.Failure("write", "program", errno);
            Seal(file, "program");
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static Fd Made(string path)
    {
        var number = SuperviseNative.memfd_create("provision", SuperviseNative.MemoryCloseOnExec | SuperviseNative.MemoryAllowSealing);
        return number >= 0 ? new Fd(number) : throw Sys.Failure("memfd_create", path, Sys.LastError);
    }

    private static void Seal(Fd file, string path)
    {
        if (SuperviseNative.fcntl(file.Number, SuperviseNative.AddSeals, SuperviseNative.AllSeals) != 0)
            throw Sys.Failure("seal", path, Sys.LastError);
    }
}
