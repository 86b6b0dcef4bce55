using Provision.Kernel.Sandbox;

namespace Provision.Kernel.Networks;

public sealed class DesiredInterfaceTests
{
    private static readonly NetworkAttachment Sound = new(
        "web0", "eth0", "02:00:00:88:00:0A", ["10.88.0.2/24", "FD00:88::2/64"], [new("default", "10.88.0.1"), new("default", "fd00:88::1"), new("10.9.0.0/16", "10.88.0.3")]);

    [Fact]
    public void Parse_ASoundAttachment_HasItsCanonicalForm()
    {
        var (desired, error) = DesiredInterface.Parse("web-1", Sound);

        Assert.Null(error);
        Assert.Equal(("eth0", "web0", "02:00:00:88:00:0a"), (desired!.Name, desired.Bridge, desired.Mac));
        Assert.Equal(["10.88.0.2/24", "fd00:88::2/64"], desired.Addresses.Select(static a => a.Text));
        Assert.Equal(["0.0.0.0/0", "::/0", "10.9.0.0/16"], desired.Routes.Select(static r => r.To.Text));
    }

    [Theory]
    [InlineData("lo", "lo")]
    [InlineData("", "")]
    [InlineData("sixteen-bytes-xx", "sixteen-bytes-xx")]
    [InlineData("a/b", "a/b")]
    [InlineData("a b", "a b")]
    [InlineData("..", "..")]
    public void Parse_NameNoLinkCanHave_IsRefusedWithIt(string name, string value) => Refused(Sound with { Interface = name }, value);

    [Theory]
    [InlineData("02:00:00:88:00")]
    [InlineData("02:00:00:88:00:zz")]
    [InlineData("03:00:00:88:00:01")]
    [InlineData("00:00:00:00:00:00")]
    [InlineData("2:0:0:88:0:1")]
    public void Parse_MacNoInterfaceCanHave_IsRefusedWithIt(string mac) => Refused(Sound with { Mac = mac }, mac);

    [Theory]
    [InlineData("10.88.0.2")]
    [InlineData("10.88.0.2/33")]
    [InlineData("10.88.0/24")]
    [InlineData("10.88.0.2/-1")]
    [InlineData("10.88.0.2/ 24")]
    [InlineData("fd00::1/129")]
    [InlineData("fe80::1%eth0/64")]
    [InlineData("/24")]
    public void Parse_AddressThatIsNone_IsRefusedWithIt(string address) => Refused(Sound with { Addresses = ["10.88.0.2/24", address] }, $"address {address}");

    [Theory]
    [InlineData("10.9.0.1/16", "10.88.0.1", "the network is 10.9.0.0/16")]
    [InlineData("10.9.0.0/16", "fd00::1", "other address family")]
    [InlineData("10.9.0.0/16", "10.88.0.1/24", "no address")]
    [InlineData("10.9.0.0", "10.88.0.1", "CIDR")]
    [InlineData("0.0.0.0/0", "10.88.0.7", "one route")]
    public void Parse_RouteThatIsNone_IsRefusedWithTheReason(string to, string via, string reason)
    {
        var (desired, error) = DesiredInterface.Parse("web-1", Sound with { Routes = [new("default", "10.88.0.1"), new(to, via)] });

        Assert.Null(desired);
        Assert.Equal(22, error!.Errno);
        Assert.Contains(reason, error.Detail, StringComparison.Ordinal);
    }

    private static void Refused(NetworkAttachment attachment, string value)
    {
        var (desired, error) = DesiredInterface.Parse("web-1", attachment);

        Assert.Null(desired);
        Assert.Equal(("set interface", $"{attachment.Interface} of web-1", value, 22), (error!.Action, error.Object, error.Value, error.Errno));
    }
}
