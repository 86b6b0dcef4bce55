using System.Globalization;

namespace Provision.Kernel;

/// <summary>Writes files so that a reader, or a crash, sees the old content or the new one, whole.</summary>
public static class AtomicFile
{
    /// <summary>
    /// Temporary file beside the target, fsync, rename, fsync of the directory. Throws
    /// <see cref="Reconciler.KernelException"/> (ENOSPC, EROFS, …) and leaves the old content and nothing else.
    /// </summary>
    /// <param name="durable">False for what is of no use after a crash of the machine, below /run: without fsync.</param>
    /// <param name="mode">Permission bits, set whatever the umask says: <c>0x180</c> is 0600.</param>
    public static void Write(string path, ReadOnlySpan<byte> content, uint mode, bool durable = true)
    {
        path = Path.GetFullPath(path);
        var parent = Path.GetDirectoryName(path) ?? "/";
        var name = Path.GetFileName(path);
        var temporary = $"{Prefix(name)}{Environment.ProcessId}-{Guid.NewGuid():N}";

        var (directory, errno) = Sys.Open(Libc.AT_FDCWD, parent, Libc.O_RDONLY | Libc.O_DIRECTORY);
        if (directory is null)
            throw Sys.Failure("open", parent, errno);
        using (directory)
        {
            (var file, errno) = Sys.Open(directory.Number, temporary, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW, mode);
            if (file is null)
                throw Sys.Failure("create", path, errno);
            try
            {
                using (file)
                {
                    Check("chmod", path, Libc.fchmod(file.Number, mode) == 0 ? 0 : Sys.LastError);
                    Check("write", path, Sys.WriteAll(file, content));
                    if (durable)
                        Check("fsync", path, Libc.fsync(file.Number) == 0 ? 0 : Sys.LastError);
                }

                Check("rename", path, Libc.renameat(directory.Number, temporary, directory.Number, name) == 0 ? 0 : Sys.LastError);
            }
            catch
            {
                Libc.unlinkat(directory.Number, temporary, 0);
                throw;
            }

            if (durable)
                Check("fsync", parent, Libc.fsync(directory.Number) == 0 ? 0 : Sys.LastError);
        }
    }

    /// <summary>Removes what writers of this file left that were killed in the middle of it. A directory that is not there has nothing.</summary>
    /// <exception cref="IOException">It cannot be removed.</exception>
    public static void Sweep(string path)
    {
        path = Path.GetFullPath(path);
        var (parent, prefix) = (Path.GetDirectoryName(path) ?? "/", Prefix(Path.GetFileName(path)));
        if (!Directory.Exists(parent))
            return;
        foreach (var file in Directory.EnumerateFiles(parent, prefix + "*"))
            if (Path.GetFileName(file)[prefix.Length..].Split('-') is [var pid, { Length: 32 } random]
                && uint.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out _) && random.All(char.IsAsciiHexDigit)
                && !Directory.Exists($"/proc/{pid}"))
                File.Delete(file);
    }

    private static string Prefix(string name) => $".{name}.";

    private static void Check(string action, string path, int errno)
    {
        if (errno != 0)
            throw Sys.Failure(action, path, errno);
    }
}
