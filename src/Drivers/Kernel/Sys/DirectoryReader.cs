using System.Runtime.InteropServices;
using System.Text;

namespace Provision.Kernel;

/// <summary>
/// Reads below one directory and cannot leave it. Has no member that changes anything. Paths are relative to
/// the directory; "" is the directory itself. Safe for use from several threads.
/// </summary>
internal sealed unsafe class DirectoryReader : IDisposable
{
    private readonly Resolve _resolve;

    /// <summary>Opens the directory; throws <see cref="Reconciler.KernelException"/> when it cannot.</summary>
    public DirectoryReader(string directory, Resolve resolve)
    {
        Directory = directory;
        _resolve = resolve;
        var (root, errno) = Sys.Open(Libc.AT_FDCWD, directory, Libc.O_PATH | Libc.O_DIRECTORY);
        Root = root ?? throw Sys.Failure("open", directory, errno);
    }

    public string Directory { get; }

    internal Fd Root { get; }

    public (Fd? File, int Errno) Open(string path, int flags) => Beneath.Open(Root, path, flags, _resolve);

    /// <summary>The file's text; null when it, or a directory above it, is not there.</summary>
    public string? Read(string path)
    {
        var (file, errno) = Open(path, Libc.O_RDONLY);
        if (file is null)
            return Absent(errno) ? null : throw Sys.Failure("open", Full(path), errno);
        using (file)
        {
            (var text, errno) = Sys.ReadAll(file);
            // ENODEV: the cgroup was removed between open and read.
            return text ?? (errno == Errno.ENODEV ? null : throw Sys.Failure("read", Full(path), errno));
        }
    }

    public bool Exists(string path)
    {
        var (file, errno) = Open(path, Libc.O_PATH);
        file?.Dispose();
        return file is not null || (Absent(errno) ? false : throw Sys.Failure("open", Full(path), errno));
    }

    /// <summary>The value of an extended attribute; null when the object or the attribute is not there.</summary>
    public string? Attribute(string path, string name)
    {
        var (file, errno) = Open(path, Libc.O_RDONLY);
        if (file is null)
            return Absent(errno) ? null : throw Sys.Failure("open", Full(path), errno);
        using (file)
            return Value(file, path, name);
    }

    /// <summary>Subdirectories and extended attributes in one opening; null when the directory is not there.</summary>
    public DirectoryVisit? Visit(string path, ReadOnlySpan<string> attributes)
    {
        var (directory, errno) = Open(path, Libc.O_RDONLY | Libc.O_DIRECTORY);
        if (directory is null)
            return Absent(errno) ? null : throw Sys.Failure("open", Full(path), errno);
        using (directory)
        {
            var values = new string?[attributes.Length];
            for (var i = 0; i < values.Length; i++)
                values[i] = Value(directory, path, attributes[i]);
            return Names(directory, path) is { } names ? new DirectoryVisit(names, values) : null;
        }
    }

    private string? Value(Fd file, string path, string name)
    {
        var (value, errno) = Xattr.Get(file, name);
        if (value is not null)
            return Encoding.UTF8.GetString(value);
        // EOPNOTSUPP: a file system without this namespace holds no marks.
        return errno is Errno.ENODATA or Errno.EOPNOTSUPP ? null : throw Sys.Failure("getxattr", Full(path), errno, name);
    }

    private List<string>? Names(Fd directory, string path)
    {
        const int size = 16384, reclen = 16, type = 18, text = 19;
        var names = new List<string>();
        var buffer = stackalloc byte[size];
        while (true)
        {
            var got = (int)Libc.getdents64(directory.Number, buffer, size);
            if (got < 0)
                return Sys.LastError == Errno.ENOENT ? null : throw Sys.Failure("getdents64", Full(path), Sys.LastError);
            if (got == 0)
                break;
            // struct linux_dirent64: u64 ino, s64 off, u16 reclen, u8 type, char name[].
            for (var at = 0; at < got; at += *(ushort*)(buffer + at + reclen))
            {
                const byte typeDirectory = 4;
                if (buffer[at + type] != typeDirectory)
                    continue;
                var name = Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(buffer + at + text));
                if (name is not ("." or ".."))
                    names.Add(name);
            }
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }

    public string Full(string path) => path.Length == 0 ? Directory : $"{Directory}/{path}";

    public void Dispose() => Root.Dispose();

    private static bool Absent(int errno) => errno is Errno.ENOENT or Errno.ENOTDIR or Errno.ENODEV;
}
