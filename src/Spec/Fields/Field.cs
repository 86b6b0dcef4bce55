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
        foreach (var member in MembersOf(type))
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

    /// <summary>Why a change forces a replace, its own reason or that of the group around it; null when the kernel can
    /// change it in place.</summary>
    public string? ReplaceReason { get => field ?? _parent?.ReplaceReason; init; }

    /// <summary>Never shown: reports say that it differs, not what it is.</summary>
    public bool Secret { get; init; }

    /// <summary>Parsed and kept, but not live state: never observed nor compared (a reference used for order only).</summary>
    public bool NotObserved { get; init; }

    /// <summary>What reports show in place of a value that is too large for them (a digest); null, or null of a value: all of it.</summary>
    public Func<Value, string?>? Brief { get; init; }

    /// <summary>Names from the spec (or from the enclosing list's item) down to this field.</summary>
    public ImmutableArray<string> Names { get; private set; }

    /// <summary><see cref="Names"/> joined with dots: <c>memory.max</c>.</summary>
    public string Path => _path ??= string.Join('.', Names);

    /// <summary>The path to this field where no list is around it; made once, since every comparison asks for it.</summary>
    internal ValuePath Whole => _whole ??= ValuePath.Beginning(this);

    private bool _attached;
    private Field? _parent;
    private string? _path;
    private ValuePath? _whole;

    /// <summary>The same declaration for another place, its members too.</summary>
    public Field Copy() => new(Name, Copy(Type), Doc)
    {
        Default = Default,
        DefaultDoc = DefaultDoc,
        Required = Required,
        ReplaceReason = ReplaceReason,
        Secret = Secret,
        NotObserved = NotObserved,
        Brief = Brief,
    };

    internal void Attach(Field? parent)
    {
        if (_attached)
            throw new InvalidOperationException($"field {Name} is declared in two places");
        _attached = true;
        _parent = parent;
        if (parent is not null)
            Prefix(parent.Name);
    }

    // Groups are built inside out: an outer group's name reaches the inner fields when it is attached itself.
    private void Prefix(string name)
    {
        Names = Names.Insert(0, name);
        (_path, _whole) = (null, null);
        foreach (var member in MembersOf(Type))
            member.Prefix(name);
    }

    private static IEnumerable<Field> MembersOf(FieldType type) => type switch
    {
        ObjectType group => group.Fields,
        UnionType union => union.Objects.SelectMany(static o => o.Fields),
        _ => [],
    };

    private static FieldType Copy(FieldType type) => type switch
    {
        ObjectType group => new ObjectType([.. group.Fields.Select(static f => f.Copy())]),
        ListType list => new ListType(Copy(list.Item), list.Key, list.KeyDoc),
        MapType map => new MapType(Copy(map.Item)),
        UnionType union => new UnionType([.. union.Forms.Select(Copy)]),
        _ => type,
    };
}
