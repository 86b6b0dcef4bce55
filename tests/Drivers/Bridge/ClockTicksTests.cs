namespace Provision.Drivers.Bridge;

public sealed class ClockTicksTests
{
    // Seen on Linux 6.18 with HZ=250, and as documented for the others (HZ=300 shows a forward delay of 14.99 s).
    [Theory]
    [InlineData(4_000_000, 123_450_000, 123_440_000)]
    [InlineData(4_000_000, 10_000, 0)]
    [InlineData(4_000_000, 15_000_000, 15_000_000)]
    [InlineData(4_000_000, 15_009_999, 15_000_000)]
    [InlineData(10_000_000, 123_450_000, 123_450_000)]
    [InlineData(1_000_000, 123_450_000, 123_450_000)]
    [InlineData(3_333_333, 15_000_000, 14_990_000)]
    public void Round_AsTheKernelDoes(long tick, long asked, long shown) => Assert.Equal(shown, new ClockTicks(tick).Round(asked));

    [Theory]
    [InlineData(4_000_000)]
    [InlineData(10_000_000)]
    [InlineData(1_000_000)]
    [InlineData(3_333_333)]
    public void ToWrite_OfWhatTheKernelShows_IsShownAgain(long tick)
    {
        var ticks = new ClockTicks(tick);
        for (var clock = 0L; clock < 5000; clock++)
        {
            var shown = ticks.Round(clock * 10_000);
            Assert.Equal(shown, ticks.Round(ticks.ToWrite(shown) * 10_000L));
        }
    }
}
