using System.Collections.Immutable;
using System.Globalization;

namespace Provision.Spec;

/// <summary>A whole number in decimal, without a unit.</summary>
internal sealed class IntegerType(long min, long max, bool allowMax) : QuantityType(min, max, allowMax)
{
    public override string Name => "integer";

    public override string Expected => $"a whole number{Bounds}{OrMax}";

    public override string Pattern => $"^({(AllowMax ? "max|" : "")}{(Min < 0 ? "-?" : "")}(0|[1-9][0-9]*))$";

    public override ImmutableArray<string> JsonTypes => ["integer", "string"];

    public override bool BareNumbers => true;

    internal override bool TryMeasure(string text, out long number, out string? error)
    {
        error = null;
        number = 0;
        var digits = text.StartsWith('-') ? text.AsSpan(1) : text;
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9') || text == "-0")
            error = text.StartsWith("0x", StringComparison.Ordinal)
                ? $"{Shown.Text(text)} is hexadecimal; write it in decimal"
                : $"{Shown.Text(text)} is not a whole number";
        else if (digits.Length > 1 && digits[0] == '0')
            error = $"{Shown.Text(text)} has a leading zero; numbers are decimal";
        else if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)
            || number == NumberValue.Max)
            error = $"{Shown.Text(text)} is too large";
        return error is null;
    }

    protected override string FormatNumber(long number) => number.ToString(CultureInfo.InvariantCulture);
}
