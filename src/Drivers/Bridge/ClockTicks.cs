namespace Provision.Drivers.Bridge;

/// <summary>
/// Bridge timers: rtnetlink carries them in clock_t (1/100 s), the kernel keeps them in jiffies, and each conversion
/// rounds down (kernel/time/time.c: clock_t_to_jiffies, jiffies_to_clock_t). At HZ=250 123.45 s comes back as 123.44 s.
/// </summary>
/// <param name="tickNanoseconds">TICK_NSEC: the length of a jiffy.</param>
internal sealed class ClockTicks(long tickNanoseconds)
{
    private const long UserHertz = 100;
    private const long MicrosecondsAClock = 1_000_000 / UserHertz;
    private const long NanosecondsAClock = 1_000_000_000 / UserHertz;

    private readonly long _hertz = (1_000_000_000 + (tickNanoseconds / 2)) / tickNanoseconds;

    /// <summary>Microseconds as the kernel shows them when they are clock_t.</summary>
    public static long FromClock(uint clock) => clock * MicrosecondsAClock;

    /// <summary>What the kernel will show after it was told this many microseconds.</summary>
    public long Round(long microseconds) => Kept(microseconds / MicrosecondsAClock) * MicrosecondsAClock;

    /// <summary>What to write (clock_t) so that the kernel shows these microseconds: what it shows can be less than what it was told.</summary>
    public uint ToWrite(long shown)
    {
        var clock = shown / MicrosecondsAClock;
        for (var told = clock; told <= clock + 2; told++)
            if (Kept(told) == clock)
                return (uint)Math.Min(told, uint.MaxValue);
        return (uint)clock;
    }

    private long Kept(long clock)
    {
        var jiffies = (long)((Int128)clock * _hertz / UserHertz);
        return (long)((Int128)jiffies * tickNanoseconds / NanosecondsAClock);
    }
}
