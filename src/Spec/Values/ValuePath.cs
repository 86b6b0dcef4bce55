using System.Collections.Immutable;

namespace Provision.Spec;

/// <summary>
/// Where a value stands in a spec: declared fields, and keys of list items and map members between them.
/// As text: <c>memory.max</c>, <c>addresses[10.0.0.1/24]</c>, <c>ports[eth1].hairpin</c>.
/// </summary>
public sealed class ValuePath : IEquatable<ValuePath>
{
    private readonly record struct Step(Field Field, string? Key);

    private readonly ImmutableArray<Step> _steps;
    private string? _made;

    private ValuePath(ImmutableArray<Step> steps) => _steps = steps;

    public static ValuePath Of(Field field) => field.Whole;

    internal static ValuePath Beginning(Field field) => new([new Step(field, null)]);

    // Most paths are walked and never shown.
    private string Text => _made ??= string.Join('.', _steps.Select(static s => s.Key is null ? s.Field.Path : $"{s.Field.Path}[{s.Key}]"));

    /// <summary>The innermost declared field.</summary>
    public Field Field => _steps[^1].Field;

    /// <summary>The outermost declared field: the whole list that an item's path lies in.</summary>
    public Field Root => _steps[0].Field;

    /// <summary>The keys along the path, outermost first: <c>eth1</c> in <c>ports[eth1].hairpin</c>.</summary>
    public ImmutableArray<string> Keys => [.. _steps.Where(static s => s.Key is not null).Select(static s => s.Key!)];

    /// <summary>True when the path ends at a list item (or map member) as a whole.</summary>
    public bool IsItem => _steps[^1].Key is not null;

    /// <summary>Why a change here forces a replace: the reason of the nearest field that has one; else null.</summary>
    public string? ReplaceReason => _steps.Select(static s => s.Field.ReplaceReason).LastOrDefault(static r => r is not null);

    public bool Secret => _steps.Any(static s => s.Field.Secret);

    /// <summary>The item of this list (or map) with the key.</summary>
    public ValuePath Item(string key) => new(_steps.SetItem(_steps.Length - 1, _steps[^1] with { Key = key }));

    /// <summary>A field of the item that this path ends at.</summary>
    public ValuePath Then(Field field) => new(_steps.Add(new Step(field, null)));

    /// <summary>The value at this path; null where there is none.</summary>
    public Value? In(ObjectValue spec)
    {
        Value? at = spec;
        foreach (var step in _steps)
        {
            at = (at as ObjectValue)?.Get(step.Field);
            if (step.Key is not null)
                at = Member(step.Field.Type, at, step.Key);
        }

        return at;
    }

    /// <summary>True when <paramref name="path"/> names this path or something around it.</summary>
    public bool IsWithin(string path) =>
        Text.StartsWith(path, StringComparison.Ordinal) &&
        (Text.Length == path.Length || path.Length == 0 || Text[path.Length] is '.' or '[');

    private static Value? Member(FieldType type, Value? value, string key) => (type, value) switch
    {
        (ListType { Key: { } keyOf }, ListValue list) => list.Items.FirstOrDefault(i => keyOf(i) == key),
        (MapType, ObjectValue map) => map[key],
        _ => null,
    };

    public bool Equals(ValuePath? other) => other is not null && Text == other.Text;

    public override bool Equals(object? obj) => Equals(obj as ValuePath);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;
}
