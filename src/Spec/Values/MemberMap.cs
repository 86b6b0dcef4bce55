using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Provision.Spec;

/// <summary>
/// Named values, sorted by name (ordinal); a change gives a new map. Specs have a dozen members and not thousands, so
/// names and values lie in arrays: a copy is one move, and a look halves the names.
/// </summary>
public sealed class MemberMap : IReadOnlyDictionary<string, Value>, IEquatable<MemberMap>
{
    public static readonly MemberMap Empty = new([], []);

    private readonly string[] _names;
    private readonly Value[] _values;

    internal MemberMap(string[] names, Value[] values) => (_names, _values) = (names, values);

    /// <summary>The last of several pairs with the same name counts.</summary>
    public static MemberMap Of(IEnumerable<KeyValuePair<string, Value>> pairs)
    {
        var builder = new MemberMapBuilder(Empty);
        foreach (var (name, value) in pairs)
            builder[name] = value;
        return builder.ToImmutable();
    }

    public int Count => _names.Length;

    public bool IsEmpty => _names.Length == 0;

    public IEnumerable<string> Keys => _names;

    public IEnumerable<Value> Values => _values;

    /// <exception cref="KeyNotFoundException">There is no such member.</exception>
    public Value this[string name] => Find(name) ?? throw new KeyNotFoundException(name);

    /// <summary>Null where there is no such member.</summary>
    public Value? Find(string name) => IndexOf(name) is >= 0 and var at ? _values[at] : null;

    public bool ContainsKey(string name) => IndexOf(name) >= 0;

    public bool TryGetValue(string name, [MaybeNullWhen(false)] out Value value) => (value = Find(name)) is not null;

    /// <exception cref="ArgumentException">There is such a member with another value.</exception>
    public MemberMap Add(string name, Value value) => IndexOf(name) is >= 0 and var at && !_values[at].Equals(value)
        ? throw new ArgumentException($"there is a member {name} already", nameof(name))
        : SetItem(name, value);

    public MemberMap SetItem(string name, Value value)
    {
        var at = IndexOf(name);
        if (at >= 0)
        {
            if (ReferenceEquals(_values[at], value))
                return this;
            var values = (Value[])_values.Clone();
            values[at] = value;
            return new MemberMap(_names, values);
        }

        return new MemberMap(Inserted(_names, ~at, name), Inserted(_values, ~at, value));
    }

    public MemberMap Remove(string name) => IndexOf(name) is >= 0 and var at ? new MemberMap(Without(_names, at), Without(_values, at)) : this;

    public MemberMapBuilder ToBuilder() => new(this);

    internal void CopyTo(string[] names, Value[] values)
    {
        _names.CopyTo(names, 0);
        _values.CopyTo(values, 0);
    }

    public bool Equals(MemberMap? other)
    {
        if (ReferenceEquals(this, other))
            return true;
        if (other is null || other.Count != Count)
            return false;
        for (var i = 0; i < _names.Length; i++)
            if (_names[i] != other._names[i] || !_values[i].Equals(other._values[i]))
                return false;
        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as MemberMap);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var (name, value) in this)
        {
            hash.Add(name);
            hash.Add(value);
        }

        return hash.ToHashCode();
    }

    public IEnumerator<KeyValuePair<string, Value>> GetEnumerator()
    {
        for (var i = 0; i < _names.Length; i++)
            yield return KeyValuePair.Create(_names[i], _values[i]);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int IndexOf(string name) => IndexOf(_names, name);

    /// <summary>Where the name is; where it belongs, complemented, when it is not there.</summary>
    internal static int IndexOf(ReadOnlySpan<string> names, string name)
    {
        var (low, high) = (0, names.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            var order = string.CompareOrdinal(names[middle], name);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return ~low;
    }

    private static T[] Inserted<T>(T[] items, int at, T item)
    {
        var more = new T[items.Length + 1];
        Array.Copy(items, more, at);
        more[at] = item;
        Array.Copy(items, at, more, at + 1, items.Length - at);
        return more;
    }

    private static T[] Without<T>(T[] items, int at)
    {
        var fewer = new T[items.Length - 1];
        Array.Copy(items, fewer, at);
        Array.Copy(items, at + 1, fewer, at, fewer.Length - at);
        return fewer;
    }
}
