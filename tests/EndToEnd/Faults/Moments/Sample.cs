namespace Provision.EndToEnd;

/// <summary>
/// Which moments of a run are tried: with PROVISION_CRASH=all every one, with PROVISION_CRASH=N each N-th, else a few that are
/// the same in each run.
/// </summary>
internal static class Sample
{
    private static readonly int? Each = Environment.GetEnvironmentVariable("PROVISION_CRASH") switch
    {
        null or "" => null,
        "all" => 1,
        var number => int.Parse(number),
    };

    // An emulated processor takes twenty times as long.
    private static readonly bool Emulated = File.ReadAllText("/proc/cpuinfo").Contains("QEMU TCG", StringComparison.Ordinal);

    /// <summary>Of each kind of call one, its first, its last or one between, in the order of the run; where the machine is emulated a few of those.</summary>
    /// <param name="emulated">How many there.</param>
    /// <param name="most">How many elsewhere.</param>
    public static IReadOnlyList<Moment> Of(IReadOnlyList<Moment> moments, int emulated, int most = 100)
    {
        if (Each is { } each)
            return [.. moments.Where((_, i) => i % each == 0)];
        List<Moment> kinds = [.. moments.GroupBy(static m => (m.Side, m.Call))
            .Select(static (kind, i) => kind.ElementAt((kind.Count() - 1) * (i % 3) / 2)).OrderBy(m => moments.Index().First(x => x.Item == m).Index)];
        var count = Math.Min(Emulated ? emulated : most, kinds.Count);
        return [.. Enumerable.Range(0, count).Select(i => kinds[i * kinds.Count / count])];
    }
}
