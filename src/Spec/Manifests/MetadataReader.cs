using System.Collections.Immutable;

namespace Provision.Spec;

/// <summary>Bound metadata to <see cref="Metadata"/>.</summary>
internal static class MetadataReader
{
    /// <param name="fits">False when ignoreFields names what the kind does not have.</param>
    public static Metadata Read(
        string name, ObjectValue bound, KindSchema schema, SourceMap source, DiagnosticBag bag, out bool fits)
    {
        fits = true;
        var ignored = bound.List(CommonFields.IgnoreFields).Select(static v => v.ToString() ?? "").ToImmutableArray();
        foreach (var path in ignored)
        {
            if (FieldPath.Resolve(schema.Fields, path) is not null)
                continue;
            fits = false;
            bag.Error(
                DiagnosticCodes.UnknownIgnoredField,
                $"{schema.Kind} has no field {Shown.Text(path)} to ignore",
                source.At(FieldPath.Item("metadata.ignoreFields", path)),
                Suggestion.Hint(path, Paths(schema.Fields)));
        }

        return new Metadata(name)
        {
            Labels = Map(bound, CommonFields.Labels),
            Annotations = Map(bound, CommonFields.Annotations),
            ManagementPolicy = bound.Text(CommonFields.ManagementPolicy) switch
            {
                "Merge" => ManagementPolicy.Merge,
                "Observe" => ManagementPolicy.Observe,
                _ => ManagementPolicy.Manage,
            },
            DeletionPolicy = bound.Text(CommonFields.DeletionPolicy) == "Orphan" ? DeletionPolicy.Orphan : DeletionPolicy.Delete,
            PreventReplace = bound.Flag(CommonFields.PreventReplace) ?? false,
            IgnoreFields = ignored,
        };
    }

    private static ImmutableSortedDictionary<string, string> Map(ObjectValue bound, Field field) =>
        bound.Get(field) is ObjectValue entries
            ? entries.Members.ToImmutableSortedDictionary(static e => e.Key, static e => e.Value.ToString() ?? "", StringComparer.Ordinal)
            : ImmutableSortedDictionary<string, string>.Empty;

    private static IEnumerable<string> Paths(ImmutableArray<Field> fields) =>
        fields.SelectMany(static f => f.Type is ObjectType group ? Paths(group.Fields).Prepend(f.Path) : [f.Path]);
}
