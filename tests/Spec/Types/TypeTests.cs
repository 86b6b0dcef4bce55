namespace Provision.Spec.Tests;

/// <summary>What each type reads, in canonical form, and what it refuses.</summary>
public sealed class TypeTests
{
    private static readonly Dictionary<string, ScalarType> ByName = new()
    {
        ["bytes"] = Types.Bytes(allowMax: true),
        ["smallBytes"] = Types.Bytes(4096, 1 << 20),
        ["byteRate"] = Types.ByteRate(),
        ["count"] = Types.CountRate(),
        ["bits"] = Types.BitRate(),
        ["duration"] = Types.Duration(),
        ["cpus"] = Types.Cpus(allowMax: true),
        ["int"] = Types.Integer(-100, 100),
        ["bool"] = Types.Bool,
        ["mode"] = Types.Mode,
        ["mac"] = Types.Mac,
        ["anyMac"] = Types.AnyMac,
        ["ifaddr"] = Types.InterfaceAddress,
        ["network"] = Types.Network,
        ["ip"] = Types.IpAddress,
        ["cpulist"] = Types.CpuList,
        ["link"] = Types.LinkName,
        ["name"] = Types.ResourceName,
        ["any"] = Types.ReferenceAny,
        ["path"] = Types.AbsolutePath,
        ["signal"] = Types.Signal,
        ["range"] = Types.Range(1, 4094),
        ["text"] = Types.Text(),
        ["access"] = Types.Text("^[rwm]{1,3}$", "letters of rwm"),
        ["word"] = Types.Word("on", "off"),
    };

    [Theory]
    [InlineData("bytes", "0", "0")]
    [InlineData("bytes", "512Mi", "536870912")]
    [InlineData("bytes", "1.5Gi", "1610612736")]
    [InlineData("bytes", "1G", "1000000000")]
    [InlineData("bytes", "64k", "64000")]
    [InlineData("bytes", "64K", "64000")]
    [InlineData("bytes", "8191P", "8191000000000000000")]
    [InlineData("bytes", "max", "max")]
    [InlineData("bits", "1.5Gbit", "1500000000")]
    [InlineData("duration", "10ms", "10000")]
    [InlineData("duration", "1.5s", "1500000")]
    [InlineData("duration", "2h", "7200000000")]
    [InlineData("cpus", "1.5", "1500000")]
    [InlineData("cpus", "150%", "1500000")]
    [InlineData("cpus", "0.000001", "1")]
    [InlineData("cpus", "999", "999000000")]
    [InlineData("cpus", "100000%", "1000000000")]
    [InlineData("int", "-100", "-100")]
    [InlineData("bool", "TRUE", "true")]
    [InlineData("mode", "0755", "493")]
    [InlineData("mode", "755", "493")]
    [InlineData("mode", "0o1777", "1023")]
    [InlineData("mac", "02:AB:cd:00:00:01", "02:ab:cd:00:00:01")]
    [InlineData("anyMac", "ff-ff-ff-ff-ff-ff", "ff:ff:ff:ff:ff:ff")]
    [InlineData("ifaddr", "10.88.0.1/24", "10.88.0.1/24")]
    [InlineData("ifaddr", "FD00:0088::0001/64", "fd00:88::1/64")]
    [InlineData("ip", "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1")]
    [InlineData("ip", "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1")]
    [InlineData("ip", "::ffff:0a00:0001", "::ffff:10.0.0.1")]
    [InlineData("ip", "::0a00:0001", "::a00:1")]
    [InlineData("ip", "fe80::5efe:10.0.0.1", "fe80::5efe:a00:1")]
    [InlineData("ip", "::", "::")]
    [InlineData("network", "0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("network", "fd00::/7", null)]
    [InlineData("network", "fc00::/7", "fc00::/7")]
    [InlineData("network", "10.0.0.128/25", "10.0.0.128/25")]
    [InlineData("cpulist", "4,0-1,2,8-8", "0-2,4,8")]
    [InlineData("link", "eth0.100", "eth0.100")]
    [InlineData("path", "//a/./b//", "/a/b")]
    [InlineData("path", "/", "/")]
    [InlineData("path", "/a..b", "/a..b")]
    [InlineData("signal", "TERM", "SIGTERM")]
    [InlineData("signal", "sigusr1", "SIGUSR1")]
    [InlineData("signal", "9", "SIGKILL")]
    [InlineData("signal", "37", "SIGRTMIN+3")]
    [InlineData("signal", "SIGRTMIN+0", "SIGRTMIN")]
    [InlineData("range", "20-20", "20")]
    [InlineData("range", "1-4094", "1-4094")]
    [InlineData("name", "a.b-c", "a.b-c")]
    [InlineData("any", "Cgroup/web", "Cgroup/web")]
    [InlineData("text", "", "")]
    [InlineData("bytes", "9223372036854775807", null)]
    [InlineData("bytes", "9.3E", null)]
    [InlineData("bytes", "1e3", null)]
    [InlineData("bytes", "+1", null)]
    [InlineData("bytes", "1_000", null)]
    [InlineData("bytes", "0x10", null)]
    [InlineData("bytes", "١", null)]
    [InlineData("bytes", "1.", null)]
    [InlineData("bytes", ".5Gi", null)]
    [InlineData("bytes", "1..5Gi", null)]
    [InlineData("bytes", "100m", null)]
    [InlineData("bytes", "1.00000000000000000000000001Gi", null)]
    [InlineData("bytes", "", null)]
    [InlineData("bytes", " 1", null)]
    [InlineData("smallBytes", "max", null)]
    [InlineData("smallBytes", "4095", null)]
    [InlineData("smallBytes", "2Mi", null)]
    [InlineData("duration", "0", null)]
    [InlineData("duration", "1m30s", null)]
    [InlineData("duration", "0.5us", null)]
    [InlineData("cpus", "0", null)]
    [InlineData("cpus", "1000", null)]
    [InlineData("cpus", "1.0000001", null)]
    [InlineData("cpus", "819201%", null)]
    [InlineData("int", "-0", null)]
    [InlineData("int", "1.0", null)]
    [InlineData("int", "101", null)]
    [InlineData("bool", "yes", null)]
    [InlineData("bool", "1", null)]
    [InlineData("mode", "0888", null)]
    [InlineData("mode", "10000", null)]
    [InlineData("mac", "00:00:00:00:00:00", null)]
    [InlineData("mac", "02:00:00:00:00", null)]
    [InlineData("mac", "02:00-00:00-00:01", null)]
    [InlineData("ifaddr", "10.1/16", null)]
    [InlineData("ifaddr", "ff02::1/64", null)]
    [InlineData("ifaddr", "[fd00::1]/64", null)]
    [InlineData("ip", "1.2.3", null)]
    [InlineData("ip", "0x7f.0.0.1", null)]
    [InlineData("ip", "1.2.3.4 ", null)]
    [InlineData("cpulist", "", null)]
    [InlineData("cpulist", "0,,1", null)]
    [InlineData("cpulist", "0-9999", null)]
    [InlineData("cpulist", "-1", null)]
    [InlineData("link", "1234567890123456", null)]
    [InlineData("link", "a:b", null)]
    [InlineData("link", ".", null)]
    [InlineData("path", "a", null)]
    [InlineData("path", "/a/../b", null)]
    [InlineData("signal", "0", null)]
    [InlineData("signal", "65", null)]
    [InlineData("signal", "SIGRTMIN+31", null)]
    [InlineData("range", "0", null)]
    [InlineData("range", "4095", null)]
    [InlineData("range", "1-2-3", null)]
    [InlineData("any", "web", null)]
    [InlineData("any", "Cgroup/", null)]
    [InlineData("text", "a\0b", null)]
    [InlineData("access", "rw", "rw")]
    [InlineData("access", "rw\n", null)]
    [InlineData("access", "rwx", null)]
    [InlineData("word", "ON", null)]
    public void TryParse_Text_CanonicalOrError(string type, string text, string? canonical)
    {
        var parsed = ByName[type].TryParse(text, out var value, out var error);
        Assert.Equal(canonical is not null, parsed);
        Assert.Equal(canonical, value?.ToString());
        Assert.Equal(!parsed, error?.Length > 0);
    }

    [Theory]
    [InlineData("bytes", 268435456, "256Mi")]
    [InlineData("bytes", 50000000, "50M")]
    [InlineData("bytes", 4097, "4097")]
    [InlineData("bytes", 0, "0")]
    [InlineData("bytes", 1000, "1k")]
    [InlineData("duration", 100000, "100ms")]
    [InlineData("duration", 300000000, "5m")]
    [InlineData("duration", 0, "0s")]
    [InlineData("duration", 1001, "1001us")]
    [InlineData("cpus", 1500000, "1.5")]
    [InlineData("cpus", 2000000, "2")]
    [InlineData("cpus", 2000000000, "200000%")]
    [InlineData("bits", 100000000, "100Mbit")]
    [InlineData("mode", 493, "0755")]
    [InlineData("mode", 1023, "01777")]
    public void Format_Number_NicestExactText(string type, long number, string text) =>
        Assert.Equal(text, ByName[type].Format(new NumberValue(number)));

    [Fact]
    public void CpuList_ParseAndFormat_Inverse() =>
        Assert.Equal("0-2,4,8191", CpuList.Format(CpuList.Parse("4,0-1,2,8191")));

    [Fact]
    public void IntRange_Parse_Bounds() => Assert.Equal(new IntRange(20, 30), IntRange.Parse("20-30"));

    [Fact]
    public void Signals_NumberOf_Known()
    {
        Assert.Equal(15, Signals.NumberOf("SIGTERM"));
        Assert.Equal(37, Signals.NumberOf("SIGRTMIN+3"));
        Assert.Null(Signals.NumberOf("SIGNOPE"));
    }
}
