namespace Provision.Kernel.Netlink;

public sealed class NetlinkWriterTests
{
    [Fact]
    public void Attribute_OfOddLength_IsPaddedWithZeroesButCountedAsIs()
    {
        var writer = new NetlinkWriter(1);
        writer.Begin(16, 1);
        writer.Attribute(3, "abcd");
        writer.Attribute(9, (byte)7);
        writer.End();

        Assert.Equal(
            "24000000" + "1000" + "0100" + "00000000" + "00000000" + "0900030061626364" + "00000000" + "0500090007000000",
            Convert.ToHexString(writer.Written));
    }

    [Fact]
    public void Number_SeveralMessages_CountsUp()
    {
        var writer = new NetlinkWriter();
        for (var i = 0; i < 3; i++)
        {
            writer.Begin(16, 1);
            writer.Attribute(9, (byte)i);
            writer.End();
        }

        writer.Number(41);

        var seen = new List<uint>();
        var messages = new NetlinkMessages(writer.Written);
        while (messages.TryNext(out var message))
            seen.Add(message.Sequence);
        Assert.Equal([41u, 42u, 43u], seen);
        Assert.Equal(3, writer.Messages);
    }

    [Fact]
    public void Attribute_BeyondSixtyFourKibibytes_IsRefused()
    {
        var writer = new NetlinkWriter();
        writer.Begin(16, 1);

        Assert.Throws<OverflowException>(() => writer.Attribute(1, new byte[70_000]));
    }

    [Fact]
    public void EndNest_OfNestsInNests_HasTheLengthOfWhatIsInside()
    {
        var writer = new NetlinkWriter();
        writer.Begin(16, 1);
        var outer = writer.BeginNest(18);
        var inner = writer.BeginNest(2);
        writer.Attribute(4, 1u);
        writer.EndNest(inner);
        writer.EndNest(outer);
        writer.End();

        Assert.EndsWith("10001200" + "0C000200" + "0800040001000000", Convert.ToHexString(writer.Written));
    }
}
