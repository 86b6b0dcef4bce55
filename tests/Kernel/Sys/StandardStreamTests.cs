namespace Provision.Kernel.Tests;

public sealed class StandardStreamTests
{
    [Fact]
    public void Stream_OfOutput_WritesOnlyAndSeeksNever()
    {
        using var stream = new StandardStream(1);

        Assert.Equal((false, true, false), (stream.CanRead, stream.CanWrite, stream.CanSeek));
        Assert.Throws<NotSupportedException>(() => stream.Length);
    }

    [Fact]
    public void Write_ToADescriptorThatIsNotOpen_CarriesTheErrno()
    {
        using var stream = new StandardStream(1_000_000);

        Assert.Equal(9, Assert.Throws<IOException>(() => stream.Write([1])).HResult);
    }
}
