namespace Provision.Drivers.Cgroup;

/// <summary>
/// cpu.weight (1–10000, default 100) to cgroup v1's cpu.shares (2–262144, default 1024) and back, by the quadratic
/// fit through the least, default and greatest value of both that container runtimes use.
/// </summary>
internal static class CpuShares
{
    public const long Min = 2, Max = 262_144;

    /// <summary>ceil(10^((l² + 125·l) / 612 − 7/34)) with l = log2(shares).</summary>
    public static long ToWeight(long shares)
    {
        var l = Math.Log2(Math.Clamp(shares, Min, Max));
        var weight = Math.Pow(10, (((l * l) + (125 * l)) / 612) - (7.0 / 34));
        // 1024 shares are 100 exactly: a rounding error must not lift them to 101.
        return (long)Math.Ceiling(weight - 1e-9);
    }

    /// <summary>
    /// The greatest number of shares that stands for this weight; <see cref="ToWeight"/> gives the weight back
    /// (a test tries all of them).
    /// </summary>
    public static long FromWeight(long weight)
    {
        var (low, high) = (Min, Max);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (ToWeight(middle) <= weight)
                low = middle;
            else
                high = middle - 1;
        }

        return low;
    }
}
