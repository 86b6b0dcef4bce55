using System.Text.Json;
using Provision.Spec;

namespace Provision.Reconciler.Reports;

/// <summary>
/// Values as reports show them: for people in the units of the manifest language, for programs in canonical
/// kernel units (no limit is <c>"max"</c>). Secret fields are never shown.
/// </summary>
public static class ShownValue
{
    public const string Secret = "(secret)";

    /// <summary>What stands for a value that is not there.</summary>
    public const string None = "(none)";

    /// <summary>For people: <c>256Mi</c>, <c>[a, b]</c>, <c>{link: eth1, cost: 2}</c>.</summary>
    public static string Text(ValuePath path, Value? value) => path.Secret ? Secret : Brief(path, value) ?? Text(TypeAt(path), value);

    public static string Text(Field field, Value? value) => field.Secret ? Secret : Brief(field, value) ?? Text(field.Type, value);

    /// <summary>For programs: a JSON value; null where there is none.</summary>
    public static void Json(Utf8JsonWriter writer, ValuePath path, Value? value)
    {
        if (path.Secret)
            writer.WriteStringValue(Secret);
        else if (Brief(path, value) is { } brief)
            writer.WriteStringValue(brief);
        else
            Json(writer, TypeAt(path), value);
    }

    /// <summary>A spec or live state, member by member along its declaration.</summary>
    public static void Json(Utf8JsonWriter writer, IReadOnlyList<Field> fields, ObjectValue spec)
    {
        writer.WriteStartObject();
        foreach (var field in fields)
        {
            if (spec[field.Name] is not { } member)
                continue;
            writer.WritePropertyName(field.Name);
            if (field.Secret)
                writer.WriteStringValue(Secret);
            else if (Brief(field, member) is { } brief)
                writer.WriteStringValue(brief);
            else
                Json(writer, field.Type, member);
        }

        writer.WriteEndObject();
    }

    private static void Json(Utf8JsonWriter writer, FieldType type, Value? value)
    {
        switch (type, value)
        {
            case (_, null):
                writer.WriteNullValue();
                break;
            case (_, NumberValue { IsMax: true }):
                writer.WriteStringValue("max");
                break;
            case (UnionType union, _) when union.Of(value) is { } form:
                Json(writer, form, value);
                break;
            case (ObjectType group, ObjectValue tree):
                Json(writer, group.Fields, tree);
                break;
            case (ListType list, ListValue items):
                writer.WriteStartArray();
                foreach (var item in items.Items)
                    Json(writer, list.Item, item);
                writer.WriteEndArray();
                break;
            case (MapType map, ObjectValue tree):
                writer.WriteStartObject();
                foreach (var (name, member) in tree.Members)
                {
                    writer.WritePropertyName(name);
                    Json(writer, map.Item, member);
                }

                writer.WriteEndObject();
                break;
            default:
                CanonicalJson.Write(writer, value);
                break;
        }
    }

    private static string Text(FieldType type, Value? value) => (type, value) switch
    {
        (_, null) => None,
        (UnionType union, _) when union.Of(value) is { } form => Text(form, value),
        (ScalarType scalar, _) => Printable(scalar.Format(value)),
        (ObjectType group, ObjectValue tree) => Braces(group.Fields
            .Where(f => tree[f.Name] is not null)
            .Select(f => $"{f.Name}: {Text(f, tree[f.Name])}")),
        (ListType list, ListValue items) => "[" + string.Join(", ", items.Items.Select(i => Text(list.Item, i))) + "]",
        (MapType map, ObjectValue tree) => Braces(tree.Members.Select(m => $"{Printable(m.Key)}: {Text(map.Item, m.Value)}")),
        _ => Printable(value.ToString() ?? ""),
    };

    private static string? Brief(ValuePath path, Value? value) => path.IsItem ? null : Brief(path.Field, value);

    private static string? Brief(Field field, Value? value) => value is null ? null : field.Brief?.Invoke(value);

    private static string Braces(IEnumerable<string> members) => "{" + string.Join(", ", members) + "}";

    // Names and labels come from the kernel too, where anybody may have put an escape sequence into them.
    internal static string Printable(string text) =>
        text.Length == 0 ? "\"\"" :
        text.Any(char.IsControl) ? string.Concat(text.Select(static c => char.IsControl(c) ? $"\\x{(int)c:x2}" : c.ToString())) :
        text;

    private static FieldType TypeAt(ValuePath path) => (path.IsItem, path.Field.Type) switch
    {
        (true, ListType list) => list.Item,
        (true, MapType map) => map.Item,
        var (_, type) => type,
    };
}
