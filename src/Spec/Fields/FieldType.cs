using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Provision.Spec;

/// <summary>The type of a field: what manifest text means, and how a value is shown.</summary>
public abstract class FieldType
{
    /// <summary>A short name for people: <c>bytes</c>, <c>duration</c>, <c>list of object</c>.</summary>
    public abstract string Name { get; }
}

/// <summary>
/// A type written as one YAML scalar. Parsing starts from the source text, whatever YAML would make of it
/// (<c>0755</c>, <c>no</c>, <c>80</c>).
/// </summary>
public abstract class ScalarType : FieldType
{
    /// <summary>What may be written, with examples: "a size such as 512Mi, 1G or max".</summary>
    public abstract string Expected { get; }

    /// <summary>Source text to canonical value; false with an error that completes "… : " when it does not fit.</summary>
    public abstract bool TryParse(string text, [NotNullWhen(true)] out Value? value, [NotNullWhen(false)] out string? error);

    /// <summary>Whether text that does not parse is of the right form and only beyond the type's bounds.</summary>
    internal virtual bool IsOnlyOutOfRange(string text) => false;

    /// <summary>The canonical value as manifest text that parses back to the same value.</summary>
    public virtual string Format(Value value) => value.ToString() ?? "";

    /// <summary>A JSON Schema (draft 2020-12) pattern for strings of this type; null when any string may fit.</summary>
    public virtual string? Pattern => null;

    /// <summary>The closed set of words, for completion, schema and "did you mean"; empty when it is open.</summary>
    public virtual ImmutableArray<string> Words => [];

    /// <summary>How YAML's plain scalar reads in JSON: string, integer, number, boolean (several may fit).</summary>
    public virtual ImmutableArray<string> JsonTypes => ["string"];

    /// <summary>The kind that a value of this type names, when it is a reference; else null.</summary>
    public virtual string? ReferencedKind => null;

    /// <summary>The resource that a value names; null when it names none, though the type has a <see cref="ReferencedKind"/>.</summary>
    public virtual ResourceId? ReferenceIn(Value value) => (ReferencedKind, value) switch
    {
        (Types.AnyKind, TextValue text) => ResourceId.Parse(text.Text),
        ({ } kind, TextValue text) => new ResourceId(kind, text.Text),
        _ => null,
    };
}

/// <summary>A mapping with declared members.</summary>
public sealed class ObjectType(ImmutableArray<Field> fields) : FieldType
{
    public ImmutableArray<Field> Fields { get; } = fields;

    public override string Name => "object";

    /// <summary>What the group is where nothing of it is stated; null where no member has a default.</summary>
    internal ObjectValue? Defaults => _defaults ??= EffectiveSpec.Fill(Fields, ObjectValue.Empty) is { Members.IsEmpty: false } filled ? filled : null;

    private ObjectValue? _defaults;

    public Field? Find(string name) => Fields.FirstOrDefault(f => f.Name == name);
}

/// <summary>A list. With keys it compares as a set of items known by those keys; without, by order.</summary>
public sealed class ListType : FieldType
{
    public ListType(FieldType item, Func<Value, string>? key = null, string? keyDoc = null)
    {
        Item = item;
        Key = key;
        KeyDoc = keyDoc;
        if (item is ObjectType members)
            foreach (var member in members.Fields)
                member.Attach(null);
    }

    public FieldType Item { get; }

    /// <summary>The natural key of an item, used in paths (<c>ports[eth1]</c>); null for a list kept in order.</summary>
    public Func<Value, string>? Key { get; }

    public string? KeyDoc { get; }

    public override string Name => $"list of {Item.Name}";
}

/// <summary>A mapping from free names to values of one type (environment, sysctls).</summary>
public sealed class MapType(FieldType item) : FieldType
{
    public FieldType Item { get; } = item;

    public override string Name => $"map of {Item.Name}";
}
