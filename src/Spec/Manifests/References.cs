using System.Collections.Immutable;
using System.Globalization;

namespace Provision.Spec;

/// <summary>Finds the references in a spec: values of types with a <see cref="ScalarType.ReferencedKind"/>.</summary>
internal static class References
{
    public static ImmutableArray<Reference> Find(ImmutableArray<Field> fields, ObjectValue spec)
    {
        var found = ImmutableArray.CreateBuilder<Reference>();
        Members(fields, spec, "", found);
        return found.DrainToImmutable();
    }

    private static void Members(
        ImmutableArray<Field> fields, ObjectValue members, string path, ImmutableArray<Reference>.Builder found)
    {
        foreach (var field in fields)
            if (field.Type is not ScalarType { ReferencedKind: null } && members[field.Name] is { } value)
                Find(field.Type, value, FieldPath.Member(path, field.Name), found);
    }

    private static void Find(FieldType type, Value value, string path, ImmutableArray<Reference>.Builder found)
    {
        switch (UnionType.Resolve(type, value), value)
        {
            case (ScalarType scalar, _):
                if (scalar.ReferenceIn(value) is { } id)
                    found.Add(new Reference(id, path));
                break;
            case (ObjectType group, ObjectValue members):
                Members(group.Fields, members, path, found);
                break;
            case (MapType { Item: not ScalarType { ReferencedKind: null } } map, ObjectValue entries):
                foreach (var (key, entry) in entries.Members)
                    Find(map.Item, entry, FieldPath.Item(path, key), found);
                break;
            case (ListType { Item: not ScalarType { ReferencedKind: null } } list, ListValue items):
                for (var i = 0; i < items.Items.Length; i++)
                    Find(list.Item, items.Items[i], FieldPath.Item(path, Key(list, items.Items[i], i)), found);
                break;
        }
    }

    // Broken items of a keyed list may lack their key; they keep their index.
    private static string Key(ListType list, Value item, int index) =>
        list.Key is not null && (item is not ObjectValue members || list.Item is not ObjectType group
            || group.Fields.All(f => !f.Required || members[f.Name] is not null))
                ? list.Key(item)
                : index.ToString(CultureInfo.InvariantCulture);
}
