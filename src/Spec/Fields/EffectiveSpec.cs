using System.Collections.Immutable;

namespace Provision.Spec;

/// <summary>Fills in the schema's defaults: what an owned object's spec means as a whole.</summary>
public static class EffectiveSpec
{
    public static ObjectValue Fill(ImmutableArray<Field> fields, ObjectValue stated)
    {
        var members = stated.Members.ToBuilder();
        foreach (var field in fields)
        {
            var filled = Fill(field, stated[field.Name]);
            if (filled is not null)
                members[field.Name] = filled;
        }

        var all = members.ToImmutable();
        return ReferenceEquals(all, stated.Members) ? stated : new ObjectValue(all);
    }

    private static Value? Fill(Field field, Value? stated) => field.Type switch
    {
        ObjectType group when stated is null or ObjectValue => FillGroup(group, stated as ObjectValue),
        UnionType union when stated is ObjectValue members && union.Of(stated) is ObjectType form => Fill(form.Fields, members),
        ListType { Item: ObjectType item } when stated is ListValue list =>
            new ListValue([.. list.Items.Select(i => i is ObjectValue o ? Fill(item.Fields, o) : i)]),
        _ => stated ?? field.Default,
    };

    private static ObjectValue? FillGroup(ObjectType group, ObjectValue? stated) => stated is null ? group.Defaults : Fill(group.Fields, stated);
}
