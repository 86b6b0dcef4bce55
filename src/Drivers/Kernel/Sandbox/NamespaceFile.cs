using System.Runtime.InteropServices;

namespace Provision.Kernel.Sandbox;

/// <summary>Files that stand for namespaces: <c>/proc/PID/ns/net</c>, <c>/run/netns/x</c> (namespaces(7)).</summary>
internal static unsafe partial class NamespaceFile
{
    private const long NsFs = 0x6e736673; // NSFS_MAGIC

    // struct statfs is 120 bytes on both architectures.
    private const int StatFsSize = 256;

    /// <summary>For setns(2). Nothing else is opened: a FIFO would wait for a writer, a device may act.</summary>
    /// <exception cref="Provision.Reconciler.KernelException">It is not there, or is no namespace (EINVAL).</exception>
    public static Fd Open(string path)
    {
        var (place, errno) = Sys.Open(Libc.AT_FDCWD, path, Libc.O_PATH);
        if (place is null)
            throw Sys.Failure("open", path, errno);
        using (place)
        {
            var stat = stackalloc byte[StatFsSize];
            if (fstatfs(place.Number, stat) != 0)
                throw Sys.Failure("fstatfs", path, Sys.LastError);
            if (*(long*)stat != NsFs)
                throw Sys.Failure("setns", path, Errno.EINVAL, detail: "it is no namespace");
            var (file, refused) = Sys.Open(Libc.AT_FDCWD, $"/proc/self/fd/{place.Number}", Libc.O_RDONLY);
            return file ?? throw Sys.Failure("open", path, refused);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fstatfs(int file, byte* stat);
}
