using System.Collections.Immutable;
using System.Text.Json;
using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>A resolved resource in a saved plan: everything that planning reads, in canonical units.</summary>
internal static class SavedResource
{
    public static void Write(Utf8JsonWriter writer, Resource resource)
    {
        var metadata = resource.Metadata;
        writer.WriteStartObject();
        writer.WriteString("resource", resource.Id.ToString());
        Map(writer, "labels", metadata.Labels);
        Map(writer, "annotations", metadata.Annotations);
        writer.WriteString("managementPolicy", metadata.ManagementPolicy.ToString());
        writer.WriteString("deletionPolicy", metadata.DeletionPolicy.ToString());
        writer.WriteBoolean("preventReplace", metadata.PreventReplace);
        SavedPlanJson.Strings(writer, "ignoreFields", metadata.IgnoreFields);
        writer.WritePropertyName("spec");
        CanonicalJson.Write(writer, resource.Spec);
        SavedPlanJson.Strings(writer, "dependsOn", resource.DependsOn.Select(static d => d.ToString()));
        writer.WriteStartObject("source");
        foreach (var (path, span) in resource.Source.Spans.OrderBy(static s => s.Key, StringComparer.Ordinal))
        {
            writer.WriteStartArray(path);
            writer.WriteStringValue(span.File);
            foreach (var number in (int[])[span.Line, span.Column, span.EndLine, span.EndColumn])
                writer.WriteNumberValue(number);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    public static Resource Read(JsonElement element)
    {
        var id = Id(SavedPlanJson.Text(element, "resource"));
        var metadata = new Metadata(id.Name)
        {
            Labels = Map(element, "labels"),
            Annotations = Map(element, "annotations"),
            ManagementPolicy = Enum.Parse<ManagementPolicy>(SavedPlanJson.Text(element, "managementPolicy")),
            DeletionPolicy = Enum.Parse<DeletionPolicy>(SavedPlanJson.Text(element, "deletionPolicy")),
            PreventReplace = element.GetProperty("preventReplace").GetBoolean(),
            IgnoreFields = SavedPlanJson.Strings(element, "ignoreFields"),
        };
        var spec = CanonicalJson.Read(element.GetProperty("spec")) as ObjectValue ?? throw new FormatException($"{id} has no spec");
        var source = element.GetProperty("source").EnumerateObject().ToDictionary(static s => s.Name, static s => Span(s.Value));
        return new Resource(
            id, metadata, spec, [.. SavedPlanJson.Strings(element, "dependsOn").Select(Id)], new SourceMap(source));
    }

    private static ResourceId Id(string text) => ResourceId.Parse(text) ?? throw new FormatException($"{text} names no resource");

    private static SourceSpan Span(JsonElement span) =>
        new(span[0].GetString() ?? "", span[1].GetInt32(), span[2].GetInt32(), span[3].GetInt32(), span[4].GetInt32());

    private static void Map(Utf8JsonWriter writer, string name, ImmutableSortedDictionary<string, string> map)
    {
        writer.WriteStartObject(name);
        foreach (var (key, value) in map)
            writer.WriteString(key, value);
        writer.WriteEndObject();
    }

    private static ImmutableSortedDictionary<string, string> Map(JsonElement element, string name) =>
        element.GetProperty(name).EnumerateObject().ToImmutableSortedDictionary(static m => m.Name, static m => m.Value.GetString() ?? "");
}
