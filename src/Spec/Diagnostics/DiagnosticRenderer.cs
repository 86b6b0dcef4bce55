using System.Globalization;
using System.Text;

namespace Provision.Spec;

/// <summary>A diagnostic as lines of text, ready to be coloured and printed.</summary>
/// <param name="Header"><c>file:line:column: error PV0007: message</c>.</param>
/// <param name="Line">The line of the manifest; null where there is none to show.</param>
/// <param name="Caret">As many columns as <paramref name="Line"/> up to the span, then carets under it; null with it.</param>
/// <param name="Hint">What to do; null where there is nothing to add.</param>
public sealed record RenderedDiagnostic(string Header, string? Line, string? Caret, string? Hint)
{
    /// <summary>All of it, without colour, each line ended by LF.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Header).Append('\n');
        if (Line is not null)
            text.Append("  ").Append(Line).Append("\n  ").Append(Caret).Append('\n');
        if (Hint is not null)
            text.Append("  hint: ").Append(Hint).Append('\n');
        return text.ToString();
    }
}

/// <summary>Turns diagnostics into lines with a caret line under the exact span.</summary>
public static class DiagnosticRenderer
{
    private const int TabWidth = 4;

    // Longer lines are cut to a window around the span.
    private const int WidestLine = 120;

    /// <param name="sources">The texts by file name (<see cref="ManifestResult.Sources"/>).</param>
    public static RenderedDiagnostic Render(Diagnostic diagnostic, IReadOnlyDictionary<string, SourceText> sources)
    {
        var span = diagnostic.Span;
        var place = span == SourceSpan.None ? "" : $"{span}: ";
        var severity = diagnostic.Severity == Severity.Error ? "error" : "warning";
        var header = $"{Printable(place)}{severity} {diagnostic.Code}: {Printable(diagnostic.Message)}";
        var hint = diagnostic.Hint is null ? null : Printable(diagnostic.Hint);
        if (span.Line == 0 || !sources.TryGetValue(span.File, out var source))
            return new RenderedDiagnostic(header, null, null, hint);
        var (line, caret) = Mark(source.Line(span.Line), span);
        return new RenderedDiagnostic(header, line, caret, hint);
    }

    private static (string Line, string Caret) Mark(string line, SourceSpan span)
    {
        var runes = line.EnumerateRunes().ToList();
        var first = Math.Min(span.Column - 1, runes.Count);
        var last = span.EndLine == span.Line ? Math.Min(span.EndColumn - 1, runes.Count) : runes.Count;
        while (span.EndLine > span.Line && last > first + 1 && Rune.IsWhiteSpace(runes[last - 1]))
            last--;
        var from = runes.Count <= WidestLine ? 0 : Math.Clamp(first - (WidestLine / 2), 0, runes.Count - WidestLine);
        var to = Math.Min(runes.Count, from + WidestLine);

        var shown = new StringBuilder(from > 0 ? "…" : "");
        var caret = new StringBuilder(from > 0 ? " " : "");
        for (var i = from; i < to; i++)
        {
            var rune = runes[i];
            var text = rune.Value == '\t' ? new string(' ', TabWidth) : Printable(rune.ToString());
            shown.Append(text);
            var width = rune.Value == '\t' ? TabWidth : text.EnumerateRunes().Sum(DisplayWidth.Of);
            if (i < Math.Max(last, first + 1))
                caret.Append(i >= first ? '^' : ' ', width);
        }

        if (caret.Length == 0 || caret[^1] != '^')
            caret.Append('^');
        return (shown.Append(to < runes.Count ? "…" : "").ToString(), caret.ToString());
    }

    // Manifest text goes to a terminal: what would move its cursor, turn the writing direction or hide is replaced.
    private static string Printable(string text)
    {
        if (!text.Any(Unsafe))
            return text;
        return string.Concat(text.Select(static c => Unsafe(c) ? '\uFFFD' : c));
    }

    private static bool Unsafe(char c) =>
        char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
