using System.Globalization;

namespace Provision.Kernel;

/// <summary>A device node's identity.</summary>
public sealed record DeviceNode(bool Block, uint Major, uint Minor, bool Partition = false)
{
    private const uint S_IFMT = 0xF000, S_IFCHR = 0x2000, S_IFBLK = 0x6000;

    /// <summary><c>254:0</c>, as cgroup files write it.</summary>
    public string Numbers => string.Create(CultureInfo.InvariantCulture, $"{Major}:{Minor}");

    /// <summary>
    /// Looks a path up, following links, or a block device's numbers (<c>254:0</c>, which need no node); null when it
    /// is not there or not a device. statx(2).
    /// </summary>
    public static unsafe DeviceNode? Find(string path)
    {
        const uint statxType = 1;
        if (!path.StartsWith('/'))
            return path.Split(':') is [var major, var minor]
                && uint.TryParse(major, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                && uint.TryParse(minor, NumberStyles.None, CultureInfo.InvariantCulture, out var second)
                && IsThere($"/sys/dev/block/{first}:{second}")
                    ? Node(true, first, second)
                    : null;
        var buffer = stackalloc byte[256];
        if (Libc.statx(Libc.AT_FDCWD, path, 0, statxType, buffer) != 0)
            return null;
        // struct statx: u16 stx_mode at 28, u32 stx_rdev_major at 128, u32 stx_rdev_minor at 132.
        var kind = *(ushort*)(buffer + 28) & S_IFMT;
        return kind is S_IFCHR or S_IFBLK
            ? Node(kind == S_IFBLK, *(uint*)(buffer + 128), *(uint*)(buffer + 132))
            : null;

        static DeviceNode Node(bool block, uint major, uint minor)
        {
            var node = new DeviceNode(block, major, minor);
            return node with { Partition = block && IsThere($"/sys/dev/block/{node.Numbers}/partition") };
        }

        static bool IsThere(string file)
        {
            var found = stackalloc byte[256];
            return Libc.statx(Libc.AT_FDCWD, file, 0, statxType, found) == 0;
        }
    }
}
