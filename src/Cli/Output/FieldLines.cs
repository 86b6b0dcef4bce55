using Provision.Reconciler;
using Provision.Reconciler.Reports;

namespace Provision.Cli;

/// <summary>Changed fields, a line each, aligned: path, from, to, who moved.</summary>
internal static class FieldLines
{
    // A list item as long as this does not push everybody else's column.
    private const int WidestColumn = 40;

    /// <param name="creation">Nothing was there: who moved is told of the whole, not of each field.</param>
    public static IEnumerable<Line> Of(IReadOnlyCollection<FieldChange> fields, bool creation)
    {
        var rows = fields.Select(static f => (Field: f, From: ShownValue.Text(f.Path, f.From), To: ShownValue.Text(f.Path, f.To))).ToList();
        var paths = Widest(rows.Select(static r => r.Field.Path.ToString()));
        var froms = Widest(rows.Where(static r => r.Field is { From: not null, To: not null }).Select(static r => r.From));
        var values = Widest(rows.Select(r => Value(r.Field, r.From, r.To, froms)));
        foreach (var (field, from, to) in rows)
        {
            var line = new Line("    ").Add(field switch
            {
                { From: null } => "+",
                { To: null } => "-",
                _ => "~",
            }, Tint(field)).Add(" ").Add(field.Path.ToString());
            var value = Value(field, from, to, froms);
            if (value.Length > 0)
                line.To(6 + paths + 3).Add(value);
            var told = new List<string>();
            if (!creation)
                told.Add(field.Cause == Cause.Drift ? "drift" : "pending");
            if (!field.InPlace && field.From is not null)
                told.Add("forces replace");
            if (told.Count > 0)
                line.To(6 + paths + 3 + (values == 0 ? 0 : values + 3)).Add($"({string.Join(", ", told)})", field.Cause == Cause.Drift ? Cli.Tint.Warning : Cli.Tint.Dim);
            yield return line;
        }
    }

    // The path of a plain item (addresses[10.0.0.1/24]) says its value already.
    private static string Value(FieldChange field, string from, string to, int froms) => field switch
    {
        { From: not null, To: not null } => $"{from.PadRight(froms)} → {to}",
        { From: null } => Repeats(field, to) ? "" : to,
        _ => Repeats(field, from) ? "" : from,
    };

    private static bool Repeats(FieldChange field, string text) => field.Path.IsItem && field.Path.Keys is [.., var key] && key == text;

    private static Tint Tint(FieldChange field) => field switch
    {
        { From: null } => Cli.Tint.Create,
        { To: null } => Cli.Tint.Delete,
        _ => Cli.Tint.Update,
    };

    private static int Widest(IEnumerable<string> texts) => texts.Select(static t => t.Length).Where(static l => l <= WidestColumn).DefaultIfEmpty(0).Max();
}
