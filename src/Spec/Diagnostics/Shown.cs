using System.Text;

namespace Provision.Spec;

/// <summary>Text of a manifest as messages show it: quoted, without control characters, and not longer than a line.</summary>
public static class Shown
{
    private const int Longest = 60;

    public static string Text(string text)
    {
        var shown = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length > Longest)
            {
                shown.Append('…');
                break;
            }

            shown.Append(rune.Value switch
            {
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '"' => "\\\"",
                '\\' => "\\\\",
                _ when Rune.IsControl(rune) => $"\\u{rune.Value:x4}",
                _ => rune.ToString(),
            });
        }

        return shown.Append('"').ToString();
    }

    /// <summary><c>a</c>, <c>a or b</c>, <c>a, b or c</c>.</summary>
    public static string OneOf(IReadOnlyList<string> words) => words.Count switch
    {
        0 => "",
        1 => words[0],
        _ => $"{string.Join(", ", words.Take(words.Count - 1))} or {words[^1]}",
    };
}
