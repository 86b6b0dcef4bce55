using CsCheck;
using Provision.Drivers.Cgroup;

namespace Provision.Drivers.Tests.Cgroup;

public sealed class TranslationTests
{
    [Fact]
    public void Weight_EveryOne_ComesBackFromItsShares()
    {
        var last = 0L;
        for (var weight = 1; weight <= 10_000; weight++)
        {
            var shares = CpuShares.FromWeight(weight);
            Assert.Equal(weight, CpuShares.ToWeight(shares));
            Assert.True(shares > last, $"weight {weight} and the one before have {shares} shares");
            last = shares;
        }
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(100, 1024)]
    [InlineData(10_000, 262_144)]
    public void Weight_LeastDefaultAndGreatest_AreThoseOfBoth(long weight, long shares) => Assert.Equal(shares, CpuShares.FromWeight(weight));

    [Fact]
    public void ToWeight_EveryNumberOfShares_Rises()
    {
        var last = 1L;
        for (var shares = CpuShares.Min; shares <= CpuShares.Max; shares++)
        {
            var weight = CpuShares.ToWeight(shares);
            Assert.InRange(weight, last, 10_000);
            last = weight;
        }
    }

    [Fact]
    public void Quota_EveryOneTheKernelKeeps_ComesBack() =>
        Gen.Select(Gen.Long[1_000, 1_000_000], Gen.Long[1_000, 1_000_000_000]).Sample((period, quota) =>
        {
            var cpus = CpuQuota.ToCpus(quota, period);
            Assert.Equal(quota, CpuQuota.FromCpus(cpus, period));
            Assert.Equal(cpus, CpuQuota.Round(cpus, period));
        }, iter: 20_000);

    [Theory]
    [InlineData("max", long.MaxValue)]
    [InlineData("-1", long.MaxValue)]
    [InlineData("9223372036854771712", long.MaxValue)]
    [InlineData("4096", 4096)]
    public void ParseNumber_TheKernelsSpellings_AreOneValue(string text, long expected) =>
        Assert.Equal(expected, CgroupFiles.ParseNumber(text)!.Number);
}
