namespace Provision.Kernel.Supervise;

/// <summary>The longest wait that anything of a container can be ordered to have, so that no sum of times overflows.</summary>
public static class Waits
{
    /// <summary>365 days.</summary>
    public const long LongestMilliseconds = 365L * 24 * 60 * 60 * 1000;

    /// <summary>From 0 to the longest, for what an order says that nobody checked.</summary>
    internal static long Bounded(long milliseconds) => Math.Clamp(milliseconds, 0, LongestMilliseconds);

    internal static bool IsBounded(long milliseconds) => milliseconds is >= 0 and <= LongestMilliseconds;
}
