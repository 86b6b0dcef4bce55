using System.Collections.Immutable;

namespace Provision.Spec;

/// <summary>What <c>explain</c> says about a kind or a field.</summary>
/// <param name="Path">Below the kind, as in <c>Cgroup.memory.max</c>; the kind's name alone for the kind itself.</param>
/// <param name="Type">A short name: <c>bytes</c>, <c>list of object</c>.</param>
/// <param name="Expected">What may be written, with examples; null for objects.</param>
/// <param name="Default">As text; null when there is none to tell.</param>
/// <param name="ReplaceReason">Why a change replaces the object; null when it is made in place.</param>
/// <param name="Key">What the items of a list are known by; null for other types and for lists kept in order.</param>
/// <param name="Words">The words that may be written, when the set is closed.</param>
/// <param name="Children">Members, of a list's items too; empty for scalars.</param>
/// <param name="Example">A whole YAML document, for kinds.</param>
public sealed record ExplainTopic(
    string Path,
    string Type,
    string? Expected,
    string Doc,
    bool Required,
    string? Default,
    string? ReplaceReason,
    bool Secret,
    string? Key,
    ImmutableArray<string> Words,
    ImmutableArray<ExplainTopic> Children,
    string? Example)
{
    public bool InPlace => ReplaceReason is null;

    /// <summary>The last part of <see cref="Path"/>.</summary>
    public string Name => Path[(Path.LastIndexOf('.') + 1)..];
}

/// <summary>Describes kinds and fields from their declarations.</summary>
public static class Explain
{
    /// <summary>A kind, with metadata, all fields of its spec and dependsOn.</summary>
    public static ExplainTopic Kind(KindSchema schema) => new(
        schema.Kind,
        "kind",
        null,
        schema.Doc,
        Required: false,
        Default: null,
        ReplaceReason: null,
        Secret: false,
        Key: null,
        Words: [],
        [Metadata(schema.Kind), .. Members(schema.Kind, schema.Fields.Add(CommonFields.DependsOn), null)],
        schema.Example);

    /// <summary>
    /// A field by its path (<c>memory.max</c>, <c>ports.hairpin</c>, <c>metadata.name</c>; a leading <c>spec.</c> is
    /// allowed); null when there is none.
    /// </summary>
    public static ExplainTopic? Field(KindSchema schema, string path)
    {
        var names = path.Split('.').AsSpan();
        if (names.Length > 1 && names[0] == "spec" && schema.Fields.All(static f => f.Name != "spec"))
            names = names[1..];
        var topic = Kind(schema);
        foreach (var name in names)
        {
            var bare = name.Contains('[') ? name[..name.IndexOf('[')] : name;
            if (topic.Children.FirstOrDefault(c => c.Name == bare) is not { } child)
                return null;
            topic = child;
        }

        return topic;
    }

    /// <summary>All paths of a kind's fields, for completion and "did you mean".</summary>
    public static IEnumerable<string> Paths(KindSchema schema) =>
        Below(Kind(schema)).Select(topic => topic.Path[(schema.Kind.Length + 1)..]);

    private static IEnumerable<ExplainTopic> Below(ExplainTopic topic) =>
        topic.Children.SelectMany(static c => Below(c).Prepend(c));

    private static ExplainTopic Metadata(string kind) => new(
        kind + ".metadata",
        "object",
        null,
        "Name, labels and policies: the same for every kind.",
        Required: true,
        Default: null,
        ReplaceReason: null,
        Secret: false,
        Key: null,
        Words: [],
        Members(kind + ".metadata", CommonFields.Metadata, null),
        Example: null);

    private static ImmutableArray<ExplainTopic> Members(string path, ImmutableArray<Field> fields, string? replaceReason) =>
        [.. fields.Select(f => Member(path, f, replaceReason))];

    private static ExplainTopic Member(string above, Field field, string? replaceReason)
    {
        var path = $"{above}.{field.Name}";
        var reason = field.ReplaceReason ?? replaceReason;
        var scalar = Scalar(field.Type);
        return new ExplainTopic(
            path,
            field.Type.Name,
            Expected(field.Type, scalar),
            field.Doc,
            field.Required,
            field.DefaultDoc ?? (field.Default is { } value ? ValueText.Format(field.Type, value) : null),
            reason,
            field.Secret,
            field.Type is ListType { Key: not null } keyed ? keyed.KeyDoc ?? "value" : null,
            scalar?.Words ?? [],
            Members(path, Group(field.Type), reason),
            Example: null);
    }

    private static string? Expected(FieldType type, ScalarType? scalar) => type is not UnionType union ? scalar?.Expected
        : union.Tags.Any() ? $"a mapping with one of {Shown.OneOf([.. union.Tags])}"
        : scalar is null ? null
        : $"{scalar.Expected}, or a mapping";

    private static ScalarType? Scalar(FieldType type) => type switch
    {
        ScalarType scalar => scalar,
        ListType list => Scalar(list.Item),
        MapType map => Scalar(map.Item),
        UnionType union => union.Forms.Select(Scalar).FirstOrDefault(static s => s is not null),
        _ => null,
    };

    private static ImmutableArray<Field> Group(FieldType type) => type switch
    {
        ObjectType group => group.Fields,
        ListType list => Group(list.Item),
        MapType map => Group(map.Item),
        UnionType union => union.Members,
        _ => [],
    };
}
