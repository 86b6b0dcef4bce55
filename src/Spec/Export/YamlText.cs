using System.Globalization;
using System.Text;

namespace Provision.Spec;

/// <summary>Scalars as YAML text that every reader takes for the same thing.</summary>
internal static class YamlText
{
    private static readonly string[] Words =
        ["null", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", ".nan"];

    /// <summary>The scalar, plain where that is safe.</summary>
    /// <param name="isText">Quote what YAML 1.1 or 1.2 would read as a number, a boolean, a date or nothing.</param>
    public static string Scalar(string text, bool isText) =>
        IsPlain(text) && !(isText && IsOther(text)) ? text : Quoted(text);

    private static bool IsPlain(string text) =>
        text.Length > 0
        && (char.IsAsciiLetterOrDigit(text[0]) || text[0] is '/' or '_' or '.' || (text[0] == '-' && text.Length > 1 && char.IsAsciiDigit(text[1])))
        && text[^1] != ':'
        && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '.' or '-' or ':' or '+' or '%' or ',' or '=' or '@');

    private static bool IsOther(string text) =>
        Words.Contains(text, StringComparer.OrdinalIgnoreCase)
        || ((char.IsAsciiDigit(text[0]) || text[0] is '.' or '-' or '+')
            && text.All(static c => char.IsAsciiHexDigit(c) || c is 'x' or 'X' or 'o' or 'O' or '_' or '.' or ':' or '-' or '+' or ',')
            && !(text.Count(static c => c == '.') > 1 && !text.Contains(':'))
            && !IsRange(text));

    // 20-30 is text to every reader; 2020-01-01 is a date and 1e-3 a number.
    private static bool IsRange(string text) =>
        text.IndexOf('-') is > 0 and not 4 && text.All(static c => char.IsAsciiDigit(c) || c is '-' or ',');

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            quoted.Append(rune.Value switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\t' => "\\t",
                '\r' => "\\r",
                _ when IsPrintable(rune) => rune.ToString(),
                <= 0xFFFF => string.Create(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => string.Create(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"),
            });
        }

        return quoted.Append('"').ToString();
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse);
}
