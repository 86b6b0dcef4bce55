using System.Globalization;

namespace Provision.Spec;

/// <summary>One number or an inclusive range: <c>10</c>, <c>20-30</c>.</summary>
public readonly record struct IntRange(long First, long Last)
{
    /// <summary>The range that canonical text names; throws on other text (check it with the type first).</summary>
    public static IntRange Parse(string text) =>
        TryParse(text, out var range) ? range : throw new FormatException($"{Shown.Text(text)} is not a range");

    public override string ToString() => First == Last
        ? First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");

    internal static ScalarType Create(long min, long max) => new PatternType(
        "number or range",
        $"a number or a range such as 20-30{(max == long.MaxValue ? "" : $", from {min} to {max}")}",
        "^[0-9]+(-[0-9]+)?$",
        text => !TryParse(text, out var range) ? (null, $"{Shown.Text(text)} is not a number or a range such as 20-30")
            : range.Last < range.First ? (null, $"the range {text} runs backwards")
            : range.First < min || range.Last > max ? (null, $"{Shown.Text(text)} is not between {min} and {max}")
            : (range.ToString(), null))
    { PlainNumbers = true, WellFormed = static text => TryParse(text, out var range) && range.First <= range.Last };

    private static bool TryParse(string text, out IntRange range)
    {
        range = default;
        var bounds = text.Split('-');
        if (bounds.Length > 2 || !TryNumber(bounds[0], out var first) || !TryNumber(bounds[^1], out var last))
            return false;
        range = new IntRange(first, last);
        return true;
    }

    private static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
