namespace Provision.Spec;

/// <summary>
/// The text of one file, with its lines. Lines end at LF, CR LF or CR and count from 1; columns count Unicode
/// code points from 1.
/// </summary>
public sealed class SourceText
{
    private readonly List<int> _lineStarts = [0];

    // Indexes of the second halves of surrogate pairs: what a column must not count.
    private readonly List<int> _lowSurrogates = [];

    public SourceText(string file, string text)
    {
        File = file;
        Text = text;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\n' || (c == '\r' && (i + 1 == text.Length || text[i + 1] != '\n')))
                _lineStarts.Add(i + 1);
            else if (char.IsLowSurrogate(c))
                _lowSurrogates.Add(i);
        }
    }

    /// <summary>The name as diagnostics show it: the path as given, or <c>&lt;stdin&gt;</c>.</summary>
    public string File { get; }

    public string Text { get; }

    /// <summary>A line without its end; empty where there is no such line.</summary>
    public string Line(int number)
    {
        if (number < 1 || number > _lineStarts.Count)
            return "";
        var start = _lineStarts[number - 1];
        var end = number < _lineStarts.Count ? _lineStarts[number] : Text.Length;
        return Text[start..end].TrimEnd('\r', '\n');
    }

    /// <summary>The span of the characters from <paramref name="start"/> up to, not including, <paramref name="end"/>.</summary>
    public SourceSpan Span(int start, int end)
    {
        var (line, column) = Position(start);
        var (endLine, endColumn) = Position(Math.Max(start, end));
        return new SourceSpan(File, line, column, endLine, endColumn);
    }

    private (int Line, int Column) Position(int index)
    {
        index = Math.Clamp(index, 0, Text.Length);
        var line = CountUpTo(_lineStarts, index);
        var start = _lineStarts[line - 1];
        var halves = CountUpTo(_lowSurrogates, index - 1) - CountUpTo(_lowSurrogates, start - 1);
        return (line, index - start - halves + 1);
    }

    /// <summary>How many items of the sorted list are at most <paramref name="limit"/>.</summary>
    private static int CountUpTo(List<int> sorted, int limit)
    {
        var at = sorted.BinarySearch(limit);
        return at >= 0 ? at + 1 : ~at;
    }
}
