using System.Runtime.InteropServices;

namespace Provision.Kernel.Logs;

/// <summary>The system calls of logs, as libc has them; errno through <see cref="Sys.LastError"/>.</summary>
internal static unsafe partial class LogNative
{
    public const uint SpliceMove = 1, SpliceNonBlock = 2;
    public const int SeekEnd = 2;

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint splice(int from, long* fromOffset, int to, long* toOffset, nuint length, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint pwrite(int file, void* bytes, nuint length, long offset);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint pread(int file, void* bytes, nuint length, long offset);

    [LibraryImport("libc", SetLastError = true)]
    public static partial long lseek(int file, long offset, int whence);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mkfifo(string path, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fchown(int file, uint user, uint group);
}
