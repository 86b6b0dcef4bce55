using System.Globalization;

namespace Provision.Kernel;

/// <summary>A device node's identity.</summary>
public sealed record DeviceNode(bool Block, uint Major, uint Minor, bool Partition = false)
{
    private const uint S_IFMT = 0xF000, S_IFCHR = 0x2000, S_IFBLK = 0x6000;

    /// <summary><c>254:0</c>, as cgroup files write it.</summary>
    public string Numbers => string.Create(CultureInfo.InvariantCulture, $"{Major}:{Minor}");

    /// <summary>Looks a path up, following links; null when it is not there or not a device node. statx(2).</summary>
    public static unsafe DeviceNode? Find(string path)
    {
        const uint statxType = 1;
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
            var found = stackalloc byte[256];
            return node with { Partition = block && Libc.statx(Libc.AT_FDCWD, $"/sys/dev/block/{node.Numbers}/partition", 0, statxType, found) == 0 };
        }
    }
}
