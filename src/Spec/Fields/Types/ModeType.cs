using System.Collections.Immutable;

namespace Provision.Spec;

/// <summary>File permission bits in octal (chmod(2)): <c>0755</c>, <c>755</c> and <c>0o755</c> are one value.</summary>
internal sealed class ModeType() : QuantityType(0, 0xFFF, allowMax: false)
{
    public override string Name => "mode";

    public override string Expected => "permission bits in octal such as 0755";

    public override string Pattern => "^(0o?)?[0-7]{1,5}$";

    public override ImmutableArray<string> JsonTypes => ["string", "integer"];

    internal override bool TryMeasure(string text, out long number, out string? error)
    {
        number = 0;
        error = null;
        var digits = text.StartsWith("0o", StringComparison.Ordinal) ? text.AsSpan(2) : text;
        if (digits.Length is 0 or > 5 || digits.ContainsAnyExceptInRange('0', '7'))
        {
            error = $"{Shown.Text(text)} is not octal: write permission bits such as 0755";
            return false;
        }

        foreach (var digit in digits)
            number = (number * 8) + (digit - '0');
        return true;
    }

    protected override string FormatNumber(long number) => "0" + Convert.ToString(number, 8).PadLeft(3, '0');
}
