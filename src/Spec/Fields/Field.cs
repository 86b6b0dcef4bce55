using System.Collections.Immutable;

namespace Provision.Spec;

/// <summary>
/// One field of the manifest language, declared once: parsing, validation, JSON Schema, <c>explain</c>, the
/// reference page, diff and redaction all read this declaration. A field belongs to exactly one place.
/// </summary>
public sealed class Field
{
    public Field(string name, FieldType type, string doc)
    {
        Name = name;
        Type = type;
        Doc = doc;
        Names = [name];
        if (type is ObjectType group)
            foreach (var member in group.Fields)
                member.Attach(this);
    }

    public string Name { get; }

    public FieldType Type { get; }

    /// <summary>One or two sentences for <c>explain</c> and the reference page: meaning, unit, source.</summary>
    public string Doc { get; }

    /// <summary>What an omitted field means in an owned object; null when the kernel (or the driver's Normalize) decides.</summary>
    public Value? Default { get; init; }

    /// <summary>The default in words where <see cref="Default"/> cannot say it ("the parent's CPUs").</summary>
    public string? DefaultDoc { get; init; }

    public bool Required { get; init; }

    /// <summary>Why a change forces a replace; null when the kernel can change it in place.</summary>
    public string? ReplaceReason { get; init; }

    /// <summary>Never shown: reports say that it differs, not what it is.</summary>
    public bool Secret { get; init; }

    /// <summary>Parsed and kept, but not live state: never observed nor compared (a reference used for order only).</summary>
    public bool NotObserved { get; init; }

    /// <summary>Names from the spec (or from the enclosing list's item) down to this field.</summary>
    public ImmutableArray<string> Names { get; private set; }

    /// <summary><see cref="Names"/> joined with dots: <c>memory.max</c>.</summary>
    public string Path => string.Join('.', Names);

    private bool _attached;

    internal void Attach(Field? parent)
    {
        if (_attached)
            throw new InvalidOperationException($"field {Name} is declared in two places");
        _attached = true;
        if (parent is not null)
            Prefix(parent.Name);
    }

    // Groups are built inside out: an outer group's name reaches the inner fields when it is attached itself.
    private void Prefix(string name)
    {
        Names = Names.Insert(0, name);
        if (Type is ObjectType group)
            foreach (var member in group.Fields)
                member.Prefix(name);
    }
}
