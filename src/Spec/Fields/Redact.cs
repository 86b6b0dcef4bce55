using System.Collections.Immutable;

namespace Provision.Spec;

/// <summary>Takes the values of secret fields out of what is shown.</summary>
public static class Redact
{
    /// <summary>What stands in the place of a secret.</summary>
    public static readonly Value Hidden = "(secret)";

    /// <summary>A copy of the tree in which every secret field that is there reads <see cref="Hidden"/>.</summary>
    public static ObjectValue Apply(ImmutableArray<Field> fields, ObjectValue value)
    {
        var members = value.Members;
        foreach (var field in fields)
            if (value[field.Name] is { } member)
                members = members.SetItem(field.Name, Apply(field, member));
        return new ObjectValue(members);
    }

    /// <summary>A field's value, or one item of its list, as it may be shown.</summary>
    public static Value Apply(Field field, Value value) => field.Secret ? Hidden : Apply(field.Type, value);

    private static Value Apply(FieldType type, Value value) => (UnionType.Resolve(type, value), value) switch
    {
        (ObjectType group, ObjectValue members) => Apply(group.Fields, members),
        (ListType list, ListValue items) => new ListValue([.. items.Items.Select(i => Apply(list.Item, i))]),
        (ListType { Item: ObjectType item }, ObjectValue members) => Apply(item.Fields, members),
        (MapType map, ObjectValue entries) => new ObjectValue(
            MemberMap.Of(entries.Members.Select(e => KeyValuePair.Create(e.Key, Apply(map.Item, e.Value))))),
        _ => value,
    };
}
