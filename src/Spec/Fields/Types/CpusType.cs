using System.Collections.Immutable;
using System.Globalization;

namespace Provision.Spec;

/// <summary>CPU time in micro-CPUs: <c>1.5</c> and <c>150%</c> are both 1,500,000 (one and a half CPUs).</summary>
internal sealed class CpusType(bool allowMax) : QuantityType(1, MostCpus * Cpu, allowMax)
{
    private const long Cpu = 1_000_000;

    // CONFIG_NR_CPUS of the largest x86-64 and arm64 kernels.
    private const long MostCpus = 8192;

    // A bare number from here on is taken for microseconds of cpu.cfs_quota_us, whose least value is 1000.
    private const long LooksLikeMicroseconds = 1000;

    private static readonly Unit[] Units = [new("", Cpu), new("%", Cpu / 100)];

    public override string Name => "CPUs";

    public override string Expected => $"a number of CPUs such as 1.5, or 150% of one CPU{OrMax}";

    public override string Pattern => Measure.Pattern(Units, AllowMax);

    public override ImmutableArray<string> JsonTypes => ["number", "string"];

    internal override bool TryMeasure(string text, out long number, out string? error)
    {
        if (!Measure.TryParse(text, Units, "micro-CPU", out number, out error))
            return false;
        if (text.EndsWith('%') || number < LooksLikeMicroseconds * Cpu)
            return true;
        error = $"{Shown.Text(text)} looks like microseconds of a period; this is a number of CPUs: "
            + "50000 µs of every 100000 µs is 0.5, or 50%";
        return false;
    }

    protected override string FormatNumber(long number) => number < LooksLikeMicroseconds * Cpu
        ? ((decimal)number / Cpu).ToString(CultureInfo.InvariantCulture)
        : ((decimal)number / (Cpu / 100)).ToString(CultureInfo.InvariantCulture) + "%";
}
