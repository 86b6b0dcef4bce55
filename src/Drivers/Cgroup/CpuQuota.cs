namespace Provision.Drivers.Cgroup;

/// <summary>CPUs to the microseconds a period that the kernel keeps, and back.</summary>
internal static class CpuQuota
{
    /// <summary>The smallest quota that the kernel takes, in microseconds.</summary>
    public const long Min = 1_000;

    private const long Million = 1_000_000;

    /// <summary>Micro-CPUs to microseconds a period, to the nearest.</summary>
    public static long FromCpus(long microCpus, long period) => (long)((((Int128)microCpus * period) + (Million / 2)) / Million);

    /// <summary>Microseconds a period to micro-CPUs, to the nearest. A period has at most a million microseconds, so
    /// <see cref="FromCpus"/> gives every quota back.</summary>
    public static long ToCpus(long quota, long period) => (long)((((Int128)quota * Million) + (period / 2)) / period);

    /// <summary>What the kernel will show for this many micro-CPUs.</summary>
    public static long Round(long microCpus, long period) => ToCpus(FromCpus(microCpus, period), period);
}
