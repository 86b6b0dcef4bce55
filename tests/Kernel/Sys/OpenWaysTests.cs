using System.Runtime.InteropServices;

namespace Provision.Kernel.Tests;

/// <summary>The ways that the reading filter lets openat2 take: none of them writes, and nobody can make one that does.</summary>
public sealed class OpenWaysTests
{
    // O_CLOEXEC, O_PATH, O_DIRECTORY of either architecture.
    private const ulong Harmless = 0x80000 | 0x200000 | 0x10000 | 0x4000;

    [Fact]
    public void Page_AtEveryAddressThatTheFilterLetsThrough_HoldsAWayThatOnlyReads()
    {
        for (var at = 0UL; at <= OpenWays.SlotBits; at += 32)
        {
            var way = Marshal.PtrToStructure<Libc.OpenHow>((nint)(OpenWays.Address + at));

            Assert.Equal(0UL, way.Flags & ~Harmless);
            Assert.Equal(0UL, way.Mode);
            Assert.Equal((ulong)Resolve.NoMagicLinks, way.Resolve & (ulong)Resolve.NoMagicLinks);
        }

        Assert.Equal(0UL, OpenWays.Address & OpenWays.SlotBits);
    }

    [Fact]
    public void Page_Always_IsReadOnly()
    {
        var line = File.ReadLines("/proc/self/maps").Single(l => Contains(l, OpenWays.Address));

        Assert.StartsWith("r--p", line.Split(' ')[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Libc.O_WRONLY)]
    [InlineData(Libc.O_RDWR)]
    [InlineData(Libc.O_RDONLY | Libc.O_CREAT)]
    [InlineData(Libc.O_RDONLY | Libc.O_TRUNC)]
    public void Find_FlagsThatWrite_HasNone(int flags) => Assert.Equal(0, OpenWays.Find(flags, Resolve.Beneath));

    [Fact]
    public void Find_FlagsThatRead_HasExactlyThose()
    {
        var way = Marshal.PtrToStructure<Libc.OpenHow>(OpenWays.Find(Libc.O_PATH | Libc.O_DIRECTORY, Resolve.Beneath | Resolve.NoMounts));

        Assert.Equal((ulong)(Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC), way.Flags);
        Assert.Equal((ulong)(Resolve.Beneath | Resolve.NoMounts), way.Resolve);
    }

    [Fact]
    public void Place_Always_OpensNothingAndTakesNoMagicLink()
    {
        var way = Marshal.PtrToStructure<Libc.OpenHow>(OpenWays.Place);

        Assert.Equal(((ulong)(Libc.O_PATH | Libc.O_CLOEXEC), (ulong)Resolve.NoMagicLinks), (way.Flags, way.Resolve));
        Assert.Equal(OpenWays.Address, (ulong)OpenWays.Place & ~OpenWays.SlotBits);
    }

    private static bool Contains(string line, ulong address)
    {
        var ends = line.Split(' ')[0].Split('-');
        return Convert.ToUInt64(ends[0], 16) <= address && address < Convert.ToUInt64(ends[1], 16);
    }
}
