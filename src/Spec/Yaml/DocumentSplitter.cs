namespace Provision.Spec;

/// <summary>
/// Cuts a file into documents before YAML is parsed, so that a syntax error ends one document and not the file.
/// Safe because YAML forbids a line that starts with <c>---</c> or <c>...</c> inside any node (YAML 1.2.2,
/// rule c-forbidden).
/// </summary>
internal static class DocumentSplitter
{
    /// <summary>Half-open ranges of the text, one a document, in order; together they cover the whole text.</summary>
    public static List<(int Start, int End)> Split(string text)
    {
        var documents = new List<(int, int)>();
        var start = 0;
        var begun = false; // a marker or content was seen: comments and directives belong to what follows
        for (var line = 0; line < text.Length;)
        {
            var next = NextLine(text, line);
            if (IsMarker(text, line, "---"))
            {
                if (begun)
                {
                    documents.Add((start, line));
                    start = line;
                }

                begun = true;
            }
            else if (IsMarker(text, line, "..."))
            {
                documents.Add((start, next));
                start = next;
                begun = false;
            }
            else if (!begun)
            {
                begun = !IsBlankOrComment(text.AsSpan(line, next - line)) && text[line] != '%';
            }

            line = next;
        }

        if (start < text.Length)
            documents.Add((start, text.Length));
        return documents;
    }

    private static int NextLine(string text, int from)
    {
        var end = text.AsSpan(from).IndexOfAny('\n', '\r');
        if (end < 0)
            return text.Length;
        end += from;
        return text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? end + 2 : end + 1;
    }

    private static bool IsMarker(string text, int line, string marker) =>
        string.CompareOrdinal(text, line, marker, 0, 3) == 0
        && (line + 3 == text.Length || text[line + 3] is ' ' or '\t' or '\r' or '\n');

    private static bool IsBlankOrComment(ReadOnlySpan<char> line)
    {
        var content = line.TrimStart(" \t\r\n");
        return content.IsEmpty || content[0] == '#';
    }
}
