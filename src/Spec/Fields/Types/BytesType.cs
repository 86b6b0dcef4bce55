using System.Collections.Immutable;

namespace Provision.Spec;

/// <summary>
/// A size in bytes, or a rate in bytes a second. Ki, Mi, Gi, Ti, Pi are powers of 1024; k (or K), M, G, T, P are
/// powers of 1000; without a unit it is bytes.
/// </summary>
internal sealed class BytesType(bool perSecond, long min, long max, bool allowMax) : QuantityType(min, max, allowMax)
{
    private static readonly Unit[] Units =
    [
        new("", 1),
        new("Ki", 1L << 10), new("Mi", 1L << 20), new("Gi", 1L << 30), new("Ti", 1L << 40), new("Pi", 1L << 50),
        new("k", 1_000), new("K", 1_000), new("M", 1_000_000), new("G", 1_000_000_000),
        new("T", 1_000_000_000_000), new("P", 1_000_000_000_000_000),
    ];

    public override string Name => perSecond ? "bytes per second" : "bytes";

    public override string Expected => perSecond
        ? $"bytes per second such as 50M or 64Ki{Bounds}{OrMax}"
        : $"a size such as 512Mi, 1G or 4096{Bounds}{OrMax}";

    public override string Pattern => Measure.Pattern(Units, AllowMax);

    public override ImmutableArray<string> JsonTypes => ["integer", "string"];

    public override bool BareNumbers => true;

    internal override bool TryMeasure(string text, out long number, out string? error) =>
        Measure.TryParse(text, Units, "byte", out number, out error);

    protected override string FormatNumber(long number) => Measure.Format(number, Units);
}
