using System.Text;
using Provision.Reconciler;

namespace Provision.Kernel;

/// <summary>
/// Changes things below one directory and cannot leave it. Every member returns null, or why the kernel
/// refused; none retries. Paths are relative to the directory.
/// </summary>
internal sealed class DirectoryWriter(DirectoryReader at)
{
    public DirectoryReader At { get; } = at;

    /// <summary>Writes an existing file's whole value with one write(2).</summary>
    public KernelError? Write(string path, string value)
    {
        var (file, errno) = At.Open(path, Libc.O_WRONLY | Libc.O_TRUNC);
        if (file is null)
            return new KernelError("open", At.Full(path), value, errno);
        using (file)
        {
            errno = Sys.WriteAll(file, Encoding.UTF8.GetBytes(value));
            return errno == 0 ? null : new KernelError("write", At.Full(path), value.TrimEnd('\n'), errno);
        }
    }

    public KernelError? MakeDirectory(string path, uint mode = 0x1ED) => InParent("mkdir", path,
        (parent, name) => Libc.mkdirat(parent.Number, name, mode) == 0 ? 0 : Sys.LastError);

    public KernelError? RemoveDirectory(string path) => InParent("rmdir", path,
        static (parent, name) => Libc.unlinkat(parent.Number, name, Libc.AT_REMOVEDIR) == 0 ? 0 : Sys.LastError);

    public KernelError? SetAttribute(string path, string name, string value) =>
        WithObject("setxattr", path, name, file => Xattr.Set(file, name, Encoding.UTF8.GetBytes(value)));

    public KernelError? RemoveAttribute(string path, string name) =>
        WithObject("removexattr", path, name, file => Xattr.Remove(file, name));

    private KernelError? InParent(string action, string path, Func<Fd, string, int> call)
    {
        var cut = path.LastIndexOf('/');
        var (parent, errno) = At.Open(cut < 0 ? "" : path[..cut], Libc.O_PATH | Libc.O_DIRECTORY);
        if (parent is null)
            return new KernelError(action, At.Full(path), null, errno);
        using (parent)
        {
            errno = call(parent, path[(cut + 1)..]);
            return errno == 0 ? null : new KernelError(action, At.Full(path), null, errno);
        }
    }

    private KernelError? WithObject(string action, string path, string value, Func<Fd, int> call)
    {
        var (file, errno) = At.Open(path, Libc.O_RDONLY);
        if (file is null)
            return new KernelError("open", At.Full(path), value, errno);
        using (file)
        {
            errno = call(file);
            return errno == 0 ? null : new KernelError(action, At.Full(path), value, errno);
        }
    }
}
