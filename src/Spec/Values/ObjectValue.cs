using System.Collections.Immutable;

namespace Provision.Spec;

/// <summary>
/// A tree of named values: a spec, or the live state of an object in the same shape. Members are sorted by
/// name (ordinal), so that equality, hashes and canonical JSON do not depend on how it was built.
/// </summary>
public sealed record ObjectValue(MemberMap Members) : Value
{
    public static readonly ObjectValue Empty = new(MemberMap.Empty);

    public Value? this[string name] => Members.Find(name);

    /// <summary>The value of a declared field, found along <see cref="Field.Names"/>; null where it is absent.</summary>
    public Value? Get(Field field)
    {
        Value? at = this;
        foreach (var name in field.Names)
        {
            if (at is not ObjectValue tree)
                return null;
            at = tree[name];
        }

        return at;
    }

    public long? Number(Field field) => (Get(field) as NumberValue)?.Number;

    public bool? Flag(Field field) => (Get(field) as FlagValue)?.Flag;

    public string? Text(Field field) => (Get(field) as TextValue)?.Text;

    /// <summary>The items of a list field; empty where it is absent.</summary>
    public ImmutableArray<Value> List(Field field) => (Get(field) as ListValue)?.Items ?? [];

    /// <summary>The items of a list of objects; empty where it is absent.</summary>
    public IEnumerable<ObjectValue> Objects(Field field) => List(field).OfType<ObjectValue>();

    /// <summary>A copy in which the field has this value; null removes it.</summary>
    public ObjectValue With(Field field, Value? value) => With(field.Names.AsSpan(), value);

    private ObjectValue With(ReadOnlySpan<string> names, Value? value)
    {
        var name = names[0];
        if (names.Length > 1)
        {
            var inner = this[name] as ObjectValue ?? Empty;
            var changed = inner.With(names[1..], value);
            value = changed.Members.IsEmpty ? null : changed;
        }

        var members = value is null ? Members.Remove(name) : Members.SetItem(name, value);
        return ReferenceEquals(members, Members) ? this : new ObjectValue(members);
    }

    public override string ToString() => "{" + string.Join(", ", Members.Select(m => $"{m.Key}: {m.Value}")) + "}";
}
