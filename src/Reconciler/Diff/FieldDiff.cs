using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>
/// Compares desired and live field by field along the declaration. Pure. An absent desired value is not
/// compared: the driver's Normalize has filled in whatever an owned object must have.
/// </summary>
internal sealed class FieldDiff
{
    private readonly bool _complete;
    private readonly Func<ValuePath, bool>? _skip;
    private readonly List<Difference> _found = [];

    private FieldDiff(bool complete, Func<ValuePath, bool>? skip)
    {
        _complete = complete;
        _skip = skip;
    }

    /// <param name="fields">The schema's fields.</param>
    /// <param name="desired">Normalized.</param>
    /// <param name="live">As observed; <see cref="ObjectValue.Empty"/> for what does not exist.</param>
    /// <param name="complete">Owned: list items that nobody asked for are differences too.</param>
    /// <param name="skip">Paths left out: exempt, or unreadable.</param>
    public static IReadOnlyList<Difference> Compare(
        ImmutableArray<Field> fields, ObjectValue desired, ObjectValue live, bool complete, Func<ValuePath, bool>? skip = null)
    {
        var diff = new FieldDiff(complete, skip);
        diff.Fields(fields, desired, live, null);
        return diff._found;
    }

    private void Fields(ImmutableArray<Field> fields, ObjectValue desired, ObjectValue live, ValuePath? item)
    {
        foreach (var field in fields)
            if (!field.NotObserved)
                One(field, desired, live, item);
    }

    private void One(Field field, ObjectValue desired, ObjectValue live, ValuePath? item)
    {
        // What is equal as a whole has no difference within.
        var (to, from) = (desired.Get(field), live.Get(field));
        if (to is null || to.Equals(from))
            return;
        if (field.Type is ObjectType group)
        {
            Fields(group.Fields, desired, live, item);
            return;
        }

        var path = item is null ? ValuePath.Of(field) : item.Then(field);
        if (IsLeftOut(path))
            return;
        switch (field.Type)
        {
            case UnionType union when union.Of(to) is ObjectType form && from is not null && union.Of(from) == form:
                Fields(form.Fields, desired, live, item);
                break;
            case ListType { Key: { } key } list:
                Items(path, list.Item, Keyed(to, key), Keyed(from, key));
                break;
            case MapType map:
                Items(path, map.Item, Members(to), Members(from));
                break;
            default:
                Add(path, from, to);
                break;
        }
    }

    private void Items(ValuePath list, FieldType type, SortedDictionary<string, Value> desired, SortedDictionary<string, Value> live)
    {
        foreach (var (key, to) in desired)
        {
            if (to.Equals(live.GetValueOrDefault(key)))
                continue;
            var path = list.Item(key);
            if (IsLeftOut(path))
                continue;
            if (type is ObjectType members && to is ObjectValue wanted && live.GetValueOrDefault(key) is ObjectValue there)
                Fields(members.Fields, wanted, there, path);
            else
                Add(path, live.GetValueOrDefault(key), to);
        }

        if (!_complete)
            return;
        foreach (var (key, from) in live)
            if (!desired.ContainsKey(key))
                Add(list.Item(key), from, null);
    }

    private void Add(ValuePath path, Value? from, Value? to)
    {
        if (!Equals(from, to) && !IsLeftOut(path))
            _found.Add(new Difference(path, from, to));
    }

    private bool IsLeftOut(ValuePath path) => _skip?.Invoke(path) == true;

    private static SortedDictionary<string, Value> Keyed(Value? value, Func<Value, string> key)
    {
        var items = new SortedDictionary<string, Value>(StringComparer.Ordinal);
        foreach (var item in (value as ListValue)?.Items ?? [])
            items[key(item)] = item;
        return items;
    }

    private static SortedDictionary<string, Value> Members(Value? value)
    {
        var members = new SortedDictionary<string, Value>(StringComparer.Ordinal);
        if (value is ObjectValue map)
            foreach (var (name, member) in map.Members)
                members[name] = member;
        return members;
    }
}
