namespace Provision.Kernel.Netlink;

/// <summary>What the words of a refusal tell of the kernel.</summary>
public sealed class ReaderAnswerTests
{
    [Theory]
    [InlineData("ipv4: Unsupported attribute in dump request", true)]
    [InlineData("Unsupported attribute in dump request", true)]
    [InlineData("Unknown attribute type", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void IsKnownAttribute_OfARefusal_TakesOnlyThatForYesWhichKnowsTheAttribute(string? words, bool known) =>
        Assert.Equal(known, RtnetlinkReader.IsKnownAttribute(words));
}
