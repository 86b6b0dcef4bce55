using System.Collections.Immutable;

namespace Provision.Spec;

/// <summary>
/// A value that may be written in several forms: as a scalar or as a mapping (<c>security: web</c>,
/// <c>security: {…}</c>), or as one of several mappings, told apart by the members that each requires
/// (<c>rootfs: {directory: /srv}</c>). At most one form is a scalar and at most one a list.
/// </summary>
public sealed class UnionType(params ImmutableArray<FieldType> forms) : FieldType
{
    private (ObjectType Form, string[] Required)[]? _objects;

    public ImmutableArray<FieldType> Forms { get; } = forms;

    public override string Name => string.Join(" or ", Forms.Select(static f => f.Name).Distinct());

    /// <summary>The members of all mappings, each name once.</summary>
    public ImmutableArray<Field> Members => [.. Objects.SelectMany(static o => o.Fields).DistinctBy(static f => f.Name)];

    /// <summary>Names of which one mapping has exactly one, where there are several mappings.</summary>
    public IEnumerable<string> Tags => Objects.Count() < 2 ? [] : Objects.SelectMany(Required).Distinct();

    internal IEnumerable<ObjectType> Objects => Forms.OfType<ObjectType>();

    /// <summary>The form that a value has; null where it has none of them.</summary>
    public FieldType? Of(Value value) => value switch
    {
        ObjectValue members => Of(name => members[name] is not null),
        ListValue => Forms.FirstOrDefault(static f => f is ListType),
        _ => Forms.FirstOrDefault(static f => f is ScalarType),
    };

    /// <summary>The mapping that has these members; null where none has.</summary>
    internal ObjectType? Of(Func<string, bool> has)
    {
        _objects ??= [.. Objects.Select(static o => (o, Required(o).ToArray()))];
        foreach (var (form, required) in _objects)
            if (Array.TrueForAll(required, name => has(name)))
                return form;
        return null;
    }

    /// <summary>The form of a value where the type is a union; else the type itself.</summary>
    internal static FieldType Resolve(FieldType type, Value value) => type is UnionType union ? union.Of(value) ?? type : type;

    private static IEnumerable<string> Required(ObjectType form) => form.Fields.Where(static f => f.Required).Select(static f => f.Name);
}
