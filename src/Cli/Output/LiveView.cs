using Provision.Reconciler;
using Provision.Reconciler.Reports;
using Provision.Spec;

namespace Provision.Cli;

/// <summary>Live objects as tables, one a kind: name, object, owner, and the kind's own columns.</summary>
internal static class LiveView
{
    public static IEnumerable<Line> Lines(IEnumerable<Observed> objects, DriverRegistry drivers)
    {
        var first = true;
        foreach (var kind in objects.GroupBy(static o => o.Id.Kind))
        {
            if (!first)
                yield return "";
            first = false;
            foreach (var line in Table(drivers.For(kind.Key).Schema, kind))
                yield return line;
        }
    }

    private static IEnumerable<Line> Table(KindSchema schema, IEnumerable<Observed> objects)
    {
        var fields = schema.Columns.Select(c => Find(schema.Fields, c)).OfType<Field>().ToList();
        var columns = new Columns([schema.Kind.ToUpperInvariant(), "OBJECT", "STACK", .. fields.Select(static f => f.Path.ToUpperInvariant())]);
        foreach (var live in objects)
            columns.Row([
                (live.Id.Name, Tint.Bold),
                (live.Object, Tint.None),
                live.Ownership switch
                {
                    Ownership.Owned => (live.Stack ?? "", Tint.None),
                    Ownership.Unfinished => ("(unfinished)", Tint.Warning),
                    _ => ("(foreign)", Tint.Dim),
                },
                .. fields.Select(f => (Cell(f, live.Live.Get(f)), Tint.None)),
            ]);
        return columns.Lines();
    }

    private static string Cell(Field field, Value? value) => value switch
    {
        null => "-",
        ListValue { Items.IsEmpty: true } => "-",
        ListValue list when field.Type is ListType { Key: { } key } && !field.Secret => string.Join(",", list.Items.Select(key)),
        _ => ShownValue.Text(field, value),
    };

    private static Field? Find(IEnumerable<Field> fields, string path) => fields
        .Select(f => f.Path == path ? f : f.Type is ObjectType group ? Find(group.Fields, path) : null)
        .FirstOrDefault(static f => f is not null);
}
