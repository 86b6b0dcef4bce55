namespace Provision.Spec;

/// <summary>Values as people write them, on one line: <c>256Mi</c>, <c>[10.0.0.1/24]</c>, <c>{link: eth1}</c>.</summary>
public static class ValueText
{
    public static string Format(FieldType type, Value value) => (UnionType.Resolve(type, value), value) switch
    {
        (ScalarType scalar, _) when value is not (ObjectValue or ListValue) => scalar.Format(value),
        (ListType list, ListValue items) => $"[{string.Join(", ", items.Items.Select(i => Format(list.Item, i)))}]",
        (MapType map, ObjectValue entries) => Braces(entries.Members.Select(e => $"{e.Key}: {Format(map.Item, e.Value)}")),
        (ObjectType tree, ObjectValue members) => Braces(
            from field in tree.Fields
            let member = members[field.Name]
            where member is not null
            select $"{field.Name}: {(field.Secret ? Redact.Hidden.ToString() : Format(field.Type, member))}"),
        (ListType { Item: ObjectType item }, ObjectValue members) => Format(item, members),
        _ => value.ToString() ?? "",
    };

    private static string Braces(IEnumerable<string> parts) => $"{{{string.Join(", ", parts)}}}";
}
