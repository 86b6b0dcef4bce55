using System.Buffers.Binary;
using Provision.Kernel.Launch;

namespace Provision.Kernel.Sandbox;

/// <summary>Arguments with names, as the kernel's headers have them.</summary>
internal static class Constants
{
    public static readonly Argument EmptyPath = Argument.Named("AT_EMPTY_PATH", 0x1000);
    public static readonly Argument EmptyRecursive = Argument.Named("AT_EMPTY_PATH|AT_RECURSIVE", 0x9000);
    public static readonly Argument Clone = Argument.Named("OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH", 0x81001);
    public static readonly Argument CloneRecursive = Argument.Named("OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH|AT_RECURSIVE", 0x89001);
    public static readonly Argument CloneNamed = Argument.Named("OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC", 0x80001);
    public static readonly Argument FromFd = Argument.Named("MOVE_MOUNT_F_EMPTY_PATH", 4);
    public static readonly Argument FromFdToFd = Argument.Named("MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH", 0x44);
    public static readonly Argument WriteOnly = Argument.Named("O_WRONLY|O_CLOEXEC", 0x80001);
    public static readonly Argument ReadOnly = Argument.Named("O_RDONLY|O_CLOEXEC", 0x80000);
    public static readonly Argument PathOnly = Argument.Named("O_PATH|O_CLOEXEC", 0x280000);
    public static readonly Argument PathDirectory = Argument.Named("O_PATH|O_DIRECTORY|O_CLOEXEC", 0x290000, 0x284000);

    /// <summary>struct open_how: O_PATH, anything, links resolved inside the root, no magic ones.</summary>
    public static readonly Argument InRoot = How(directory: false, noSymlinks: false);

    public static readonly Argument DirectoryInRoot = How(directory: true, noSymlinks: false);

    /// <summary>struct open_how: a directory, and no link on the way.</summary>
    public static readonly Argument PlainDirectoryInRoot = How(directory: true, noSymlinks: true);

    public const long HowSize = 24;
    public const long AttrSize = 32;

    public static Argument Attr(MountAttr attr) => Argument.Named(Text(attr), (long)attr);

    /// <summary>struct mount_attr that sets flags.</summary>
    public static Argument SetAttr(MountAttr attr)
    {
        var content = new byte[AttrSize];
        BinaryPrimitives.WriteUInt64LittleEndian(content, (ulong)attr);
        return Argument.Structure(content, $"{{set {Text(attr)}}}");
    }

    private static string Text(MountAttr attr) => attr == MountAttr.None
        ? "0"
        : string.Join('|', Enum.GetValues<MountAttr>().Where(a => a != MountAttr.None && attr.HasFlag(a)).Select(static a => "MOUNT_ATTR_" + a.ToString().ToUpperInvariant()));

    private static Argument How(bool directory, bool noSymlinks)
    {
        var resolve = 0x10UL | 0x02UL | (noSymlinks ? 0x04UL : 0UL);
        var shown = $"{{O_PATH{(directory ? "|O_DIRECTORY" : "")}, RESOLVE_IN_ROOT{(noSymlinks ? "|RESOLVE_NO_SYMLINKS" : "")}}}";
        return Argument.Structure(
            Content(0x280000UL | (directory ? 0x10000UL : 0), resolve), Content(0x280000UL | (directory ? 0x4000UL : 0), resolve), shown);
    }

    private static byte[] Content(ulong flags, ulong resolve)
    {
        var content = new byte[HowSize];
        BinaryPrimitives.WriteUInt64LittleEndian(content, flags);
        BinaryPrimitives.WriteUInt64LittleEndian(content.AsSpan(16), resolve);
        return content;
    }
}
