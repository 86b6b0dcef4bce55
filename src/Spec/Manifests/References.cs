using System.Collections.Immutable;
using System.Globalization;

namespace Provision.Spec;

/// <summary>Finds the references in a spec: values of types with a <see cref="ScalarType.ReferencedKind"/>.</summary>
internal static class References
{
    public static IEnumerable<Reference> Find(ImmutableArray<Field> fields, ObjectValue spec, string path = "") =>
        from field in fields
        let value = spec[field.Name]
        where value is not null
        from reference in Find(field.Type, value, FieldPath.Member(path, field.Name))
        select reference;

    private static IEnumerable<Reference> Find(FieldType type, Value value, string path) => (type, value) switch
    {
        (ScalarType { ReferencedKind: { } kind }, TextValue text) => One(kind, text.Text, path),
        (ObjectType group, ObjectValue members) => Find(group.Fields, members, path),
        (MapType map, ObjectValue entries) =>
            entries.Members.SelectMany(e => Find(map.Item, e.Value, FieldPath.Item(path, e.Key))),
        (ListType list, ListValue items) => items.Items.SelectMany((item, index) =>
            Find(list.Item, item, FieldPath.Item(path, Key(list, item, index)))),
        _ => [],
    };

    // Broken items of a keyed list may lack their key; they keep their index.
    private static string Key(ListType list, Value item, int index) =>
        list.Key is not null && (item is not ObjectValue members || list.Item is not ObjectType group
            || group.Fields.All(f => !f.Required || members[f.Name] is not null))
                ? list.Key(item)
                : index.ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<Reference> One(string kind, string text, string path)
    {
        if (kind != Types.AnyKind)
            return [new Reference(new ResourceId(kind, text), path)];
        return ResourceId.Parse(text) is { } id ? [new Reference(id, path)] : [];
    }
}
