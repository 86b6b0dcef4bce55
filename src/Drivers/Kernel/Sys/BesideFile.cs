using Provision.Reconciler;

namespace Provision.Kernel;

/// <summary>
/// Reads a file that a manifest names. It lies in or below the manifest's directory, with no symbolic link on the way
/// (a checkout may hold one to anywhere), and is a regular file: opening a FIFO or a device can block or do harm.
/// </summary>
public static unsafe class BesideFile
{
    private const uint FormatMask = 0xF000, Regular = 0x8000;
    private const int EmptyPath = 0x1000;

    /// <summary>The content, or why there is none.</summary>
    /// <param name="limit">In bytes.</param>
    public static (byte[]? Bytes, string? Error) Read(string directory, string name, int limit)
    {
        if (name.StartsWith('/'))
            return (null, "its path is absolute");
        var (root, errno) = Sys.Open(Libc.AT_FDCWD, directory, Libc.O_PATH | Libc.O_DIRECTORY);
        if (root is null)
            return (null, Why(errno));
        using (root)
        {
            // First without opening it for anything: what it is can be asked all the same.
            var (place, refused) = Beneath.Open(root, name, Libc.O_PATH, Resolve.NoSymlinks);
            if (place is null)
                return (null, Why(refused));
            using (place)
                if (!IsRegular(place))
                    return (null, "it is no regular file");
            (var file, refused) = Beneath.Open(root, name, Libc.O_RDONLY | Libc.O_NONBLOCK, Resolve.NoSymlinks);
            if (file is null)
                return (null, Why(refused));
            using (file)
                return IsRegular(file) ? Content(file, limit) : (null, "it is no regular file");
        }
    }

    private static (byte[]? Bytes, string? Error) Content(Fd file, int limit)
    {
        using var content = new MemoryStream();
        var buffer = stackalloc byte[16 << 10];
        while (true)
        {
            var got = Sys.Read(file.Number, buffer, 16 << 10);
            if (got < 0)
                return (null, Why(Sys.LastError));
            if (got == 0)
                return (content.ToArray(), null);
            content.Write(new ReadOnlySpan<byte>(buffer, (int)got));
            if (content.Length > limit)
                return (null, $"it is larger than {limit >> 10} KiB");
        }
    }

    private static bool IsRegular(Fd file)
    {
        var buffer = stackalloc byte[256];
        // struct statx: u16 stx_mode at 28.
        return Libc.statx(file.Number, "", EmptyPath, 1, buffer) == 0 && (*(ushort*)(buffer + 28) & FormatMask) == Regular;
    }

    private static string Why(int errno) => errno switch
    {
        Errno.ENOENT => "there is no such file",
        Errno.EXDEV => "its path leads out of the manifest's directory",
        Errno.ELOOP => "there is a symbolic link on the way",
        _ => ErrnoNames.Describe(errno),
    };
}
