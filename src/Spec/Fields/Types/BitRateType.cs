namespace Provision.Spec;

/// <summary>Bits a second, with tc(8)'s bit, kbit, Mbit, Gbit, Tbit (powers of 1000).</summary>
internal sealed class BitRateType(long min, long max) : QuantityType(min, max, allowMax: false)
{
    private static readonly Unit[] Units =
    [
        new("bit", 1), new("kbit", 1_000), new("Mbit", 1_000_000), new("Gbit", 1_000_000_000), new("Tbit", 1_000_000_000_000),
    ];

    public override string Name => "bits per second";

    public override string Expected => $"a bit rate such as 100Mbit or 1.5Gbit{Bounds}";

    public override string Pattern => Measure.Pattern(Units, AllowMax);

    internal override bool TryMeasure(string text, out long number, out string? error) =>
        Measure.TryParse(text, Units, "bit", out number, out error);

    protected override string FormatNumber(long number) => Measure.Format(number, Units);
}
