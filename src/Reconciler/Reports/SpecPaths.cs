using Provision.Spec;

namespace Provision.Reconciler.Reports;

/// <summary>Walks declared fields: those of a schema, and those that a spec has a value for.</summary>
internal static class SpecPaths
{
    /// <summary>Every field that holds a value of its own: groups are gone into, lists and maps count as one.</summary>
    public static IEnumerable<Field> Leaves(IEnumerable<Field> fields) =>
        fields.SelectMany(static f => f.Type is ObjectType group ? Leaves(group.Fields) : [f]);

    /// <summary>
    /// Every path with a value: leaves, items of keyed lists and of maps, and the members of such items after the
    /// item itself.
    /// </summary>
    public static IEnumerable<(ValuePath Path, Value Value)> Of(IEnumerable<Field> fields, ObjectValue spec) =>
        Leaves(fields).SelectMany(f => spec.Get(f) is { } value ? At(ValuePath.Of(f), value) : []);

    private static IEnumerable<(ValuePath, Value)> At(ValuePath path, Value value)
    {
        switch (path.Field.Type, value)
        {
            case (ListType { Key: { } key } list, ListValue items):
                return items.Items.SelectMany(i => Item(path.Item(key(i)), list.Item, i));
            case (MapType map, ObjectValue members):
                return members.Members.SelectMany(m => Item(path.Item(m.Key), map.Item, m.Value));
            default:
                return [(path, value)];
        }
    }

    private static IEnumerable<(ValuePath, Value)> Item(ValuePath path, FieldType type, Value value)
    {
        yield return (path, value);
        if (type is ObjectType members && value is ObjectValue tree)
            foreach (var field in Leaves(members.Fields))
                if (tree.Get(field) is { } member)
                    foreach (var inner in At(path.Then(field), member))
                        yield return inner;
    }
}
