namespace Provision.Cli;

/// <summary>Rows with aligned columns under a heading; what is too long pushes, nothing is cut.</summary>
internal sealed class Columns(params string[] headings)
{
    private const int Gap = 3;

    private readonly List<(string Text, Tint Tint)[]> _rows = [];

    public bool IsEmpty => _rows.Count == 0;

    public void Row(params (string Text, Tint Tint)[] cells) => _rows.Add(cells);

    public IEnumerable<Line> Lines()
    {
        var widths = headings
            .Select((h, i) => _rows.Select(r => r[i].Text.Length).Append(h.Length).Max())
            .ToArray();
        return _rows.Prepend([.. headings.Select(static h => (h, Tint.Bold))]).Select(row => Join(row, widths));
    }

    private static Line Join((string Text, Tint Tint)[] row, int[] widths)
    {
        var line = new Line();
        var last = Array.FindLastIndex(row, static c => c.Text.Length > 0);
        for (var i = 0; i <= last; i++)
        {
            line.Add(row[i].Text, row[i].Tint);
            if (i < last)
                line.Add(new string(' ', widths[i] - row[i].Text.Length + Gap));
        }

        return line;
    }
}
