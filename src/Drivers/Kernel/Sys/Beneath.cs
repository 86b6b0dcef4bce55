namespace Provision.Kernel;

/// <summary>How far a path below a root may be resolved.</summary>
[Flags]
internal enum Resolve
{
    /// <summary>Stays below the root, takes no magic link. Always on.</summary>
    Beneath = 0x08 | 0x02,

    /// <summary>Takes no magic link of /proc, and goes anywhere else.</summary>
    NoMagicLinks = 0x02,

    /// <summary>Takes no symbolic link at all.</summary>
    NoSymlinks = 0x04,

    /// <summary>Crosses no mount point.</summary>
    NoMounts = 0x01,
}

/// <summary>Opens paths that cannot leave a root: openat2(2), and a walk by hand where the kernel has none.</summary>
internal static unsafe class Beneath
{
    private const long OpenAt2Number = 437;
    private static volatile bool _missing;

    /// <summary>Test hook: act as on a kernel without openat2, so that the fallback runs.</summary>
    internal static bool ForceFallback
    {
        get => _missing;
        set => _missing = value;
    }

    /// <summary>Opens <paramref name="path"/> (relative, "" is the root itself) below <paramref name="root"/>.</summary>
    public static (Fd? File, int Errno) Open(Fd root, string path, int flags, Resolve resolve)
    {
        if (path.Length == 0)
            path = ".";
        if (_missing)
            return Walk(root, path, flags);
        var own = new Libc.OpenHow { Flags = (ulong)(flags | Libc.O_CLOEXEC), Resolve = (ulong)(resolve | Resolve.Beneath) };
        var kept = OpenWays.Find(flags, resolve);
        var how = kept == 0 ? &own : (Libc.OpenHow*)kept;
        while (true)
        {
            var number = Libc.openat2(OpenAt2Number, root.Number, path, how, sizeof(Libc.OpenHow));
            if (number >= 0)
                return (new Fd((int)number), 0);
            switch (Sys.LastError)
            {
                // EAGAIN: a rename elsewhere raced with the walk; the manual says to try again.
                case Errno.EINTR or Errno.EAGAIN:
                    continue;
                case Errno.ENOSYS:
                    _missing = true;
                    return Walk(root, path, flags);
                default:
                    return (null, Sys.LastError);
            }
        }
    }

    // One component at a time, none of them a symbolic link or "..". Stricter than openat2 (no symlinks at
    // all) and silent about mounts below the root, which cgroup hierarchies do not have.
    private static (Fd? File, int Errno) Walk(Fd root, string path, int flags)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (path.StartsWith('/') || parts.Contains(".."))
            return (null, Errno.EXDEV);
        Fd? at = null;
        try
        {
            for (var i = 0; i < parts.Length; i++)
            {
                var last = i == parts.Length - 1;
                var (next, errno) = Sys.Open((at ?? root).Number, parts[i],
                    Libc.O_NOFOLLOW | (last ? flags : Libc.O_PATH | Libc.O_DIRECTORY));
                if (next is null)
                    return (null, errno);
                at?.Dispose();
                at = next;
            }

            var result = at;
            at = null;
            return (result, 0);
        }
        finally
        {
            at?.Dispose();
        }
    }
}
