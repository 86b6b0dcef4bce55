using System.Collections.Immutable;

namespace Provision.Spec;

/// <summary>One document to one resource: apiVersion, kind, metadata, spec.</summary>
internal sealed class DocumentBinder(KindRegistry kinds, Variables variables, DiagnosticBag bag)
{
    private static readonly string[] TopLevel = ["apiVersion", "kind", "metadata", "spec"];

    /// <summary>Null when the document cannot be told apart from others: no known kind, or no valid name.</summary>
    public Declared? Bind(YamlNode root)
    {
        if (root is not YamlMapping document || !document.Entries.Exists(static e => TopLevel.Contains(e.Key.Text)))
        {
            bag.Error(
                DiagnosticCodes.NotAManifest,
                root is YamlMapping
                    ? $"this mapping is not a manifest: it has none of {string.Join(", ", TopLevel)}"
                    : $"a manifest is a mapping, not {root.Name}",
                root.Span,
                $"start with \"apiVersion: {CommonFields.ApiVersion}\" and \"kind: …\"");
            return null;
        }

        var binder = new FieldBinder(variables, bag);
        var spans = new Spans();
        spans.Add("", document);
        var place = FirstLine(document);
        UnknownKeys(document);
        ApiVersion(document, binder, place, spans);
        var schema = Kind(document, binder, place, spans);
        var metadata = Metadata(document, binder, place, spans);
        if (schema is null)
            return null;
        var (spec, dependsOn) = Specification(document, schema, binder, place, spans);
        if (metadata?.Text(CommonFields.Name) is not { } name)
            return null;

        var source = spans.ToMap();
        var common = MetadataReader.Read(name, metadata, schema, source, bag, out var fits);
        var references = References.Find(schema.Fields, spec)
            .AddRange(dependsOn.Select(static d => new Reference(d, FieldPath.Item(CommonFields.DependsOn.Name, d.ToString()))));
        var resource = new Resource(
            new ResourceId(schema.Kind, name), common, spec, [.. references.Select(static r => r.Target).Distinct()], source);
        return new Declared(schema, resource, references, binder.Errors == 0 && fits);
    }

    private void UnknownKeys(YamlMapping document)
    {
        foreach (var (key, _) in document.Entries)
            if (!TopLevel.Contains(key.Text))
                bag.Error(
                    DiagnosticCodes.UnknownField,
                    $"a manifest has no field {Shown.Text(key.Text)}",
                    key.Span,
                    Suggestion.Hint(key.Text, TopLevel) ?? $"the fields here are {string.Join(", ", TopLevel)}; a kind's own fields go below spec");
    }

    private void ApiVersion(YamlMapping document, FieldBinder binder, SourceSpan place, Spans spans)
    {
        var text = TopLevelText(
            "apiVersion", document, binder, place, spans, static _ => $"write apiVersion: {CommonFields.ApiVersion}");
        if (text is not null && text != CommonFields.ApiVersion)
            bag.Error(
                DiagnosticCodes.UnknownApiVersion,
                $"apiVersion {Shown.Text(text)} is not one that this version reads",
                document.Find("apiVersion")!.Span,
                $"write {CommonFields.ApiVersion}");
    }

    private KindSchema? Kind(YamlMapping document, FieldBinder binder, SourceSpan place, Spans spans)
    {
        var text = TopLevelText("kind", document, binder, place, spans, AllKinds);
        if (text is null)
            return null;
        var schema = kinds.Find(text);
        if (schema is null)
            bag.Error(
                DiagnosticCodes.UnknownKind,
                $"there is no kind {Shown.Text(text)}",
                document.Find("kind")!.Span,
                Suggestion.Hint(text, kinds.Kinds.Select(static k => k.Kind)) ?? AllKinds(kinds));
        return schema;
    }

    private static string AllKinds(KindRegistry kinds) =>
        $"the kinds are {string.Join(", ", kinds.Kinds.Select(static k => k.Kind))}";

    private string? TopLevelText(
        string name, YamlMapping document, FieldBinder binder, SourceSpan place, Spans spans, Func<KindRegistry, string> hint)
    {
        var (key, node) = document.Entries.Find(e => e.Key.Text == name);
        if (node is null)
        {
            bag.Error(DiagnosticCodes.MissingField, $"{name} is missing", place, hint(kinds));
            return null;
        }

        spans.Add(name, node);
        return binder.Text(node, name, key);
    }

    private ObjectValue? Metadata(YamlMapping document, FieldBinder binder, SourceSpan place, Spans spans)
    {
        var (key, node) = document.Entries.Find(static e => e.Key.Text == "metadata");
        if (node is YamlMapping mapping)
        {
            spans.Add("metadata", key);
            return binder.Members(CommonFields.Metadata, mapping, "metadata", key.Span, spans);
        }

        if (node is null or YamlScalar { IsNull: true })
            bag.Error(DiagnosticCodes.MissingField, "metadata.name is missing", key?.Span ?? place, "every resource has a name");
        else
            bag.Error(DiagnosticCodes.WrongNodeType, $"metadata takes a mapping, not {node.Name}", node.Span);
        return null;
    }

    private (ObjectValue Spec, IEnumerable<ResourceId> DependsOn) Specification(
        YamlMapping document, KindSchema schema, FieldBinder binder, SourceSpan place, Spans spans)
    {
        var (key, node) = document.Entries.Find(static e => e.Key.Text == "spec");
        if (node is not null and not YamlMapping and not YamlScalar { IsNull: true })
        {
            binder.Reject(DiagnosticCodes.WrongNodeType, $"spec takes a mapping, not {node.Name}", node.Span);
            return (ObjectValue.Empty, []);
        }

        // An empty spec says that everything has its default.
        var mapping = node as YamlMapping ?? new YamlMapping(document.Source, document.Start, document.Start, []);
        var all = binder.Members(kinds.Members(schema), mapping, "", key?.Span ?? place, spans);
        if (all[CommonFields.DependsOn.Name] is null)
            return (all, []);
        var dependsOn = all.List(CommonFields.DependsOn).Select(static d => ResourceId.Parse(d.ToString() ?? "")).OfType<ResourceId>();
        return (all.With(CommonFields.DependsOn, null), dependsOn);
    }

    private static SourceSpan FirstLine(YamlMapping document) =>
        document.Entries.Count > 0 ? document.Entries[0].Key.Span : document.Span;
}
