using System.Runtime.InteropServices;

namespace Provision.Kernel.Netlink;

/// <summary>Routes of a dump to what is sent again.</summary>
public sealed class RouteMessageTests
{
    private const byte Static = 4; // RTPROT_STATIC
    private const uint Dead = 1, LinkDown = 16, OnLink = 4; // RTNH_F_*
    private static readonly HashSet<int> Links = [7];

    [Fact]
    public void TryParse_RouteOfTheLink_IsWithoutWhatTheKernelOnlyTells()
    {
        var told = Route(Static, OnLink | LinkDown, static to =>
        {
            to.Attribute(1, [10, 0, 0, 0]);
            to.Attribute(4, 7u);
            to.Attribute(12, new byte[32]);
        });

        Assert.True(RouteMessage.TryParse(told, Links, out var route));

        Assert.False(route.ByNexthopObject);
        Assert.Equal(
            Route(Static, OnLink, static to =>
            {
                to.Attribute(1, [10, 0, 0, 0]);
                to.Attribute(4, 7u);
            }),
            route.Again);
    }

    [Fact]
    public void TryParse_OneOfSeveralNexthops_CountsAndLosesItsState()
    {
        var told = Route(Static, 0, static to => to.Attribute(9, Nexthops(Dead | OnLink)));

        Assert.True(RouteMessage.TryParse(told, Links, out var route));

        Assert.Equal(Route(Static, 0, static to => to.Attribute(9, Nexthops(OnLink))), route.Again);
        Assert.False(RouteMessage.TryParse(told, new HashSet<int> { 9 }, out _));
    }

    [Theory]
    [InlineData(2, 0u, 7u)] // the kernel's own
    [InlineData(9, 0u, 7u)] // a router's
    [InlineData(4, 0x200u, 7u)] // a clone
    [InlineData(4, 0u, 8u)] // another link's
    public void TryParse_WhatNobodyGaveTheLink_IsNotTaken(byte protocol, uint flags, uint link) =>
        Assert.False(RouteMessage.TryParse(Route(protocol, flags, to => to.Attribute(4, link)), Links, out _));

    [Fact]
    public void TryParse_NexthopObject_IsTold()
    {
        var told = Route(Static, 0, static to =>
        {
            to.Attribute(4, 7u);
            to.Attribute(30, 3u);
        });

        Assert.True(RouteMessage.TryParse(told, Links, out var route));
        Assert.True(route.ByNexthopObject);
    }

    // Links 8 and 7, each with a gateway.
    private static byte[] Nexthops(uint flagsOfTheSecond)
    {
        var bytes = new byte[32];
        for (var i = 0; i < 2; i++)
        {
            var at = bytes.AsSpan(i * 16);
            MemoryMarshal.Write(at, (ushort)16);
            at[2] = i == 0 ? (byte)0 : (byte)flagsOfTheSecond;
            MemoryMarshal.Write(at[4..], 8 - i);
            MemoryMarshal.Write(at[8..], (ushort)8);
            MemoryMarshal.Write(at[10..], (ushort)5);
        }

        return bytes;
    }

    private static byte[] Route(byte protocol, uint flags, Action<NetlinkWriter> attributes)
    {
        var header = new byte[12];
        (header[0], header[1], header[4], header[5], header[7]) = (Family.IPv4, 8, 254, protocol, 1);
        MemoryMarshal.Write(header.AsSpan(8), flags);
        var writer = new NetlinkWriter();
        writer.Header(header);
        attributes(writer);
        return writer.Written.ToArray();
    }
}
