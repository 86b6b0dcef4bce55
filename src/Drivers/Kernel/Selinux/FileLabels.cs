using System.Runtime.InteropServices;
using System.Text;
using Provision.Reconciler;

namespace Provision.Kernel.Selinux;

/// <summary>
/// Labels of a file or a tree, the attribute <c>security.selinux</c>. The tree may be hostile: everything is opened below
/// its root without following a link and without crossing a mount, and an attribute is that of the descriptor. Symbolic
/// links keep their labels.
/// </summary>
internal sealed unsafe class FileLabels : IDisposable
{
    private const string Attribute = "security.selinux";
    private const Resolve Strict = Resolve.Beneath | Resolve.NoSymlinks | Resolve.NoMounts;

    private readonly Fd _root;
    private readonly string _path;

    private FileLabels(Fd root, string path) => (_root, _path) = (root, path);

    /// <summary>Null where there is nothing of the name, or a link leads there.</summary>
    /// <exception cref="KernelException">It cannot be opened.</exception>
    public static FileLabels? Open(string path)
    {
        using var top = new DirectoryReader("/", Resolve.Beneath | Resolve.NoSymlinks);
        var (root, errno) = top.Open(path.TrimStart('/'), Libc.O_PATH);
        return root is not null ? new FileLabels(root, path)
            : errno is Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP ? null
            : throw Sys.Failure("open", path, errno);
    }

    /// <summary>Every object with its label, the root first ("" relative to itself).</summary>
    public IEnumerable<FileLabel> Read(bool recurse)
    {
        var left = new Stack<string>([""]);
        while (left.TryPop(out var at))
        {
            if (Label(at) is not { } label)
                continue;
            yield return new FileLabel(at, label);
            if (recurse)
                foreach (var name in Children(at))
                    left.Push(at.Length == 0 ? name : $"{at}/{name}");
        }
    }

    /// <summary>Null, or why not. What is gone meanwhile needs no label.</summary>
    public KernelError? Set(FileLabel to)
    {
        var (file, errno) = Open(to);
        if (file is null)
            return errno == Errno.ENOENT ? null : new KernelError("open", Full(to.Path), to.Label, errno);
        using (file)
        {
            var value = Encoding.UTF8.GetBytes(to.Label);
            fixed (byte* bytes = value)
                return Libc.setxattr(Link(file), Attribute, bytes, value.Length, 0) == 0 ? null : new KernelError("setxattr", Full(to.Path), to.Label, Sys.LastError);
        }
    }

    public void Dispose() => _root.Dispose();

    private string? Label(string at)
    {
        var (file, errno) = Open(new FileLabel(at, ""));
        if (file is null)
            // Gone, replaced by a link, or a mount lies over it: none of the tree's.
            return errno is Errno.ENOENT or Errno.ELOOP or Errno.ENOTDIR or Errno.EXDEV ? null : throw Sys.Failure("open", Full(at), errno);
        using (file)
        {
            const int largest = 4096;
            var value = stackalloc byte[largest];
            var size = Libc.getxattr(Link(file), Attribute, value, largest);
            return size >= 0 ? Encoding.UTF8.GetString(value, (int)size).TrimEnd('\0')
                : Sys.LastError == Errno.ENODATA ? ""
                : throw Sys.Failure("getxattr", Full(at), Sys.LastError, Attribute);
        }
    }

    private (Fd? File, int Errno) Open(FileLabel file) => Beneath.Open(_root, file.Path, Libc.O_PATH, Strict);

    // A descriptor of O_PATH has no attributes of its own; its link in /proc leads to the object and nowhere else.
    private static string Link(Fd file) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/proc/self/fd/{file.Number}");

    private List<string> Children(string at)
    {
        const int size = 16384, reclen = 16, type = 18, text = 19;
        const byte symbolicLink = 10;
        var names = new List<string>();
        var (directory, _) = Beneath.Open(_root, at, Libc.O_RDONLY | Libc.O_DIRECTORY, Strict);
        if (directory is null)
            return names; // a file
        using (directory)
        {
            var buffer = stackalloc byte[size];
            while (true)
            {
                var got = (int)Libc.getdents64(directory.Number, buffer, size);
                if (got < 0 && Sys.LastError != Errno.ENOENT)
                    throw Sys.Failure("getdents64", Full(at), Sys.LastError);
                if (got <= 0)
                    return names;
                // struct linux_dirent64: u64 ino, s64 off, u16 reclen, u8 type, char name[].
                for (var entry = 0; entry < got; entry += *(ushort*)(buffer + entry + reclen))
                    if (buffer[entry + type] != symbolicLink
                        && Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(buffer + entry + text)) is var name and not ("." or ".."))
                        names.Add(name);
            }
        }
    }

    private string Full(string at) => at.Length == 0 ? _path : $"{_path}/{at}";
}
