using CsCheck;

namespace Provision.Kernel.Netlink;

/// <summary>Readers given truncated, mutated and random bytes: they end, and never read outside.</summary>
public sealed class HostileBytesTests
{
    private static readonly byte[][] Seeds = [.. Captured.Names.Select(Captured.Load).SelectMany(static c => c.Answers.Append(c.Request))];

    private static readonly HashSet<int> AnyLink = [.. Enumerable.Range(0, 256)];

    [Fact]
    public void Parse_EveryTruncationOfEveryCapture_Ends()
    {
        foreach (var seed in Seeds)
            for (var length = 0; length <= seed.Length; length++)
                ParseAll(seed.AsSpan(0, length).ToArray());
    }

    [Fact]
    public void Parse_MutatedCaptures_Ends() =>
        Gen.Select(Gen.Int[0, Seeds.Length - 1], Gen.Select(Gen.Int[0, 4095], Gen.Byte).Array[1, 12])
            .Sample(
                static (seed, edits) =>
                {
                    var bytes = (byte[])Seeds[seed].Clone();
                    foreach (var (at, value) in edits)
                        bytes[at % bytes.Length] = value;
                    ParseAll(bytes);
                },
                iter: 20_000);

    [Fact]
    public void Parse_RandomBytes_Ends() => Gen.Byte.Array[0, 300].Sample(ParseAll, iter: 20_000);

    [Theory]
    [InlineData("0f000000100000000000000000000000")] // shorter than its own header
    [InlineData("00000000100000000000000000000000")] // zero: would never advance
    [InlineData("ff000000100000000000000000000000")] // longer than what came
    [InlineData("ffffffff100000000000000000000000")]
    [InlineData("1000")]
    public void TryNext_MessageLengthThatDoesNotFit_IsMalformed(string hex)
    {
        var messages = new NetlinkMessages(Convert.FromHexString(hex));

        Assert.False(messages.TryNext(out _));
        Assert.True(messages.Malformed);
    }

    [Theory]
    [InlineData("03000100")]
    [InlineData("00000100")]
    [InlineData("090001000a")]
    [InlineData("0400")]
    public void TryNext_AttributeLengthThatDoesNotFit_IsMalformed(string hex)
    {
        var attributes = new NetlinkAttributes(Convert.FromHexString(hex));

        Assert.False(attributes.TryNext(out _));
        Assert.True(attributes.Malformed);
    }

    [Fact]
    public void ParseLink_SettingOfAnotherSize_IsAbsent()
    {
        var writer = new NetlinkWriter();
        writer.Begin(MessageType.NewLink, 0);
        writer.LinkHeader(Family.Unspecified, 5);
        writer.Attribute(LinkAttribute.Name, "web0");
        var info = writer.BeginNest(LinkAttribute.LinkInfo);
        writer.Attribute(LinkAttribute.InfoKind, "bridge");
        var data = writer.BeginNest(LinkAttribute.InfoData);
        writer.Attribute((ushort)BridgeAttribute.AgeingTime, (ushort)7);
        writer.EndNest(data);
        writer.EndNest(info);
        writer.End();

        Assert.True(LinkParser.TryParse(writer.Written[16..], out _, out var link));
        Assert.NotNull(link.Bridge);
        Assert.Null(link.Bridge.AgeingTime);
    }

    [Theory]
    [InlineData("0300000005000000")] // shorter than its own header
    [InlineData("0000000005000000")] // zero: would never advance
    [InlineData("ff00000005000000")] // longer than what came
    public void ParseRoute_HopLengthThatDoesNotFit_EndsTheHops(string hop)
    {
        var writer = new NetlinkWriter();
        writer.Begin(MessageType.NewRoute, 0);
        writer.RouteHeader(Family.IPv4, 0, 254, 3, 0, 1);
        writer.Attribute(RouteAttribute.MultiPath, [.. Convert.FromHexString("0800000007000000"), .. Convert.FromHexString(hop)]);
        writer.End();

        Assert.True(RouteParser.TryParse(writer.Written[16..], out var route));
        Assert.Equal([new RouteHop(7, null)], route.Hops.AsEnumerable());
    }

    private static void ParseAll(byte[] bytes)
    {
        var messages = new NetlinkMessages(bytes);
        var count = 0;
        while (messages.TryNext(out var message))
        {
            Assert.True(++count <= bytes.Length / 16);
            LinkParser.TryParse(message.Payload, out _, out _);
            AddressParser.TryParse(message.Payload, out _);
            if (RouteParser.TryParse(message.Payload, out var route))
                Assert.NotNull(route.Via);
            Assert.True(NamespaceIdParser.Parse(message.Payload) >= Link.UnknownNamespace);
            BridgeVlanParser.TryParse(message.Payload, out _, out _);
            RouteMessage.TryParse(message.Payload, AnyLink, out _);
            Assert.True(NetlinkAnswer.Parse(message).Errno >= 0);
        }
    }
}
