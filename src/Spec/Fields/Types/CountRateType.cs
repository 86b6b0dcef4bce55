using System.Collections.Immutable;

namespace Provision.Spec;

/// <summary>Events a second: a plain number, or one with k (or K), M, G as powers of 1000.</summary>
internal sealed class CountRateType(long min, long max, bool allowMax) : QuantityType(min, max, allowMax)
{
    private static readonly Unit[] Units =
        [new("", 1), new("k", 1_000), new("K", 1_000), new("M", 1_000_000), new("G", 1_000_000_000)];

    public override string Name => "count per second";

    public override string Expected => $"a number per second such as 1000 or 5k{Bounds}{OrMax}";

    public override string Pattern => Measure.Pattern(Units, AllowMax);

    public override ImmutableArray<string> JsonTypes => ["integer", "string"];

    public override bool BareNumbers => true;

    internal override bool TryMeasure(string text, out long number, out string? error) =>
        Measure.TryParse(text, Units, "event", out number, out error);

    protected override string FormatNumber(long number) => Measure.Format(number, Units);
}
