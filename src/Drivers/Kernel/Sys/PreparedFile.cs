using System.Runtime.InteropServices;

namespace Provision.Kernel;

/// <summary>
/// A file that is written at the end: made beside its final name before anything else happens, renamed when it is whole,
/// removed when it does not come to that.
/// </summary>
public sealed unsafe class PreparedFile : IDisposable
{
    private readonly Fd _file;

    // Never freed: the reading filter knows them by their addresses, where nothing else may ever lie.
    private readonly byte* _temporary;
    private readonly byte* _final;
    private bool _written;

    private PreparedFile(string path, string temporary, Fd file)
    {
        Path = path;
        _file = file;
        _temporary = (byte*)Marshal.StringToCoTaskMemUTF8(temporary);
        _final = (byte*)Marshal.StringToCoTaskMemUTF8(path);
    }

    public string Path { get; }

    internal ulong TemporaryAddress => (ulong)_temporary;

    internal ulong FinalAddress => (ulong)_final;

    /// <param name="mode">Permission bits: <c>0x180</c> is 0600.</param>
    /// <exception cref="Reconciler.KernelException">It cannot be made there (EACCES, ENOENT, EISDIR, EROFS, …).</exception>
    public static PreparedFile Create(string path, uint mode)
    {
        if (Directory.Exists(path))
            throw Sys.Failure("create", path, Errno.EISDIR);
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        var (file, errno) = Sys.Open(Libc.AT_FDCWD, temporary, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW, mode);
        return file is null ? throw Sys.Failure("create", path, errno) : new PreparedFile(path, temporary, file);
    }

    /// <summary>All of it, on the disk before it gets its name.</summary>
    /// <exception cref="Reconciler.KernelException">ENOSPC, EIO, …; what had the name before still has it.</exception>
    public void Write(ReadOnlySpan<byte> content)
    {
        var errno = Sys.WriteAll(_file, content);
        if (errno == 0 && Libc.fsync(_file.Number) != 0)
            errno = Sys.LastError;
        if (errno == 0 && Libc.renameat(Libc.AT_FDCWD, _temporary, Libc.AT_FDCWD, _final) != 0)
            errno = Sys.LastError;
        if (errno != 0)
            throw Sys.Failure("write", Path, errno);
        _written = true;
    }

    public void Dispose()
    {
        _file.Dispose();
        if (!_written)
            Libc.unlinkat(Libc.AT_FDCWD, _temporary, 0);
        _written = true;
    }
}
