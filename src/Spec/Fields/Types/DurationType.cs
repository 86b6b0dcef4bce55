namespace Provision.Spec;

/// <summary>A stretch of time in microseconds. The unit is always written, so that no one need know the kernel's.</summary>
internal sealed class DurationType(long min, long max) : QuantityType(min, max, allowMax: false)
{
    private static readonly Unit[] Units =
        [new("us", 1), new("ms", 1_000), new("s", 1_000_000), new("m", 60_000_000), new("h", 3_600_000_000)];

    public override string Name => "duration";

    public override string Expected => $"a duration such as 10ms, 1.5s or 5m{Bounds}";

    public override string Pattern => Measure.Pattern(Units, AllowMax);

    internal override bool TryMeasure(string text, out long number, out string? error) =>
        Measure.TryParse(text, Units, "microsecond", out number, out error);

    protected override string FormatNumber(long number) => number == 0 ? "0s" : Measure.Format(number, Units);
}
