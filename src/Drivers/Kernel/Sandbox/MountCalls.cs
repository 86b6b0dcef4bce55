using System.Globalization;
using System.Runtime.InteropServices;

namespace Provision.Kernel.Sandbox;

/// <summary>Detached clones of mounts, made by the one who launches.</summary>
internal static unsafe partial class MountCalls
{
    public const ulong RdOnly = 1, NoDev = 4, IdMap = 0x100000;

    private const long OpenTreeNumber = 428, MountSetAttrNumber = 442;
    private const long Clone = 0x80001, Recursive = 0x8000, EmptyPath = 0x1000;
    private const ulong Private = 1 << 18;
    private const int StatxSize = 256;
    private const int ModeOffset = 28, MajorOffset = 128;
    private const int FormatMask = 0xF000, CharFormat = 0x2000, BlockFormat = 0x6000;

    /// <summary>A clone that nothing propagates to or from, with these flags on it and what is mounted below.</summary>
    /// <param name="userNamespace">Whose id map the mount gets; null: none.</param>
    /// <exception cref="Provision.Reconciler.KernelException">The path cannot be cloned, or its file system cannot be mapped.</exception>
    public static Fd CloneTree(string path, bool recursive, ulong flags, SafeHandle? userNamespace = null) =>
        Flagged(open_tree(OpenTreeNumber, Libc.AT_FDCWD, path, Clone | (recursive ? Recursive : 0)), path, recursive, flags, userNamespace);

    /// <summary>The same of an open place, which is closed.</summary>
    /// <param name="path">For errors.</param>
    /// <exception cref="Provision.Reconciler.KernelException">As there.</exception>
    public static Fd CloneTree(Fd place, string path, bool recursive, ulong flags, SafeHandle? userNamespace = null)
    {
        using (place)
            return Flagged(open_tree(OpenTreeNumber, place.Number, "", Clone | EmptyPath | (recursive ? Recursive : 0)), path, recursive, flags, userNamespace);
    }

    /// <summary>A clone of an open place, which is closed, with what is asked of its own mount and of those below.</summary>
    /// <param name="path">For errors.</param>
    /// <param name="top">Of its own mount.</param>
    /// <param name="all">Of its own and those below.</param>
    /// <exception cref="Provision.Reconciler.KernelException">As there.</exception>
    public static Fd CloneTree(Fd place, string path, bool recursive, MountChange top, MountChange all)
    {
        using (place)
        {
            var number = open_tree(OpenTreeNumber, place.Number, "", Clone | EmptyPath | (recursive ? Recursive : 0));
            if (number < 0)
                throw Sys.Failure("open_tree", path, Sys.LastError);
            var tree = new Fd((int)number);
            var error = Change(tree, all, recursive);
            if (error == 0)
                error = Change(tree, top, recursive: false);
            if (error == 0)
                return tree;
            tree.Dispose();
            throw Sys.Failure("mount_setattr", path, error);
        }
    }

    private static int Change(Fd tree, MountChange change, bool recursive)
    {
        MountAttrs attr = new() { Set = change.Set, Clear = change.Clear, Propagation = change.Propagation, UserNamespace = (ulong)(change.UserNamespace?.DangerousGetHandle() ?? 0) };
        return change.IsNothing || mount_setattr(MountSetAttrNumber, tree.Number, "", EmptyPath | (recursive ? Recursive : 0), &attr, sizeof(MountAttrs)) == 0 ? 0 : Sys.LastError;
    }

    private static Fd Flagged(long number, string path, bool recursive, ulong flags, SafeHandle? userNamespace)
    {
        if (number < 0)
            throw Sys.Failure("open_tree", path, Sys.LastError);
        var tree = new Fd((int)number);
        MountAttrs attr = new() { Set = flags | (userNamespace is null ? 0 : IdMap), Propagation = Private, UserNamespace = (ulong)(userNamespace?.DangerousGetHandle() ?? 0) };
        if (mount_setattr(MountSetAttrNumber, tree.Number, "", EmptyPath | (recursive ? Recursive : 0), &attr, sizeof(MountAttrs)) == 0)
            return tree;
        var error = Sys.LastError;
        tree.Dispose();
        throw Sys.Failure("mount_setattr", path, error, userNamespace is null ? null : "idmap",
            userNamespace is not null && error == Errno.EINVAL ? "its file system does not support id-mapped mounts" : null);
    }

    /// <summary>A clone of a device node that is what it should be.</summary>
    /// <exception cref="Provision.Reconciler.KernelException">It is not there, or another device or no device (ENODEV).</exception>
    public static Fd CloneDevice(DeviceSpec device)
    {
        var tree = CloneTree(device.Path, recursive: false, flags: 0);
        var stat = stackalloc byte[StatxSize];
        var format = device.Type == DeviceType.Char ? CharFormat : BlockFormat;
        if (Libc.statx(tree.Number, "", (int)EmptyPath, 0x7FF, stat) == 0
            && (*(ushort*)(stat + ModeOffset) & FormatMask) == format
            && *(uint*)(stat + MajorOffset) == device.Major && *(uint*)(stat + MajorOffset + 4) == device.Minor)
            return tree;
        tree.Dispose();
        throw Sys.Failure("statx", device.Path, Errno.ENODEV, string.Create(CultureInfo.InvariantCulture, $"{device.Major}:{device.Minor}"),
            "the host has another file there");
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long open_tree(long number, long directory, string path, long flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long mount_setattr(long number, long directory, string path, long flags, MountAttrs* attr, long size);

    /// <summary>struct mount_attr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct MountAttrs
    {
        public ulong Set;
        public ulong Clear;
        public ulong Propagation;
        public ulong UserNamespace;
    }
}

/// <summary>struct mount_attr of mount_setattr(2): MOUNT_ATTR_* to set and to clear, MS_* of propagation, whose id map.</summary>
internal readonly record struct MountChange(ulong Set, ulong Clear, ulong Propagation, SafeHandle? UserNamespace = null)
{
    public bool IsNothing => Set == 0 && Clear == 0 && Propagation == 0;
}
