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
            var number = SuperviseNative.memfd_create("provision", SuperviseNative.MemoryCloseOnExec | SuperviseNative.MemoryAllowSealing);
            if (number < 0)
                throw Sys.Failure("memfd_create", path, Sys.LastError);
            var copy = new Fd(number);
            try
            {
                nint sent;
                while ((sent = SuperviseNative.sendfile(copy.Number, source.Number, null, ChunkLength)) != 0)
                    if (sent < 0 && Sys.LastError != Errno.EINTR)
                        throw Sys.Failure("sendfile", path, Sys.LastError);
                if (SuperviseNative.fcntl(copy.Number, SuperviseNative.AddSeals, SuperviseNative.AllSeals) != 0)
                    throw Sys.Failure("seal", path, Sys.LastError);
                return copy;
            }
            catch
            {
                copy.Dispose();
                throw;
            }
        }
    }
}
