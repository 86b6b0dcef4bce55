using System.Text.Encodings.Web;
using System.Text.Json;
using Provision.Spec;

namespace Provision.Reconciler.Reports;

/// <summary>
/// SHA-256 (hex) of a JSON document in one canonical text: members sorted, no spaces, as <c>jq -jcS</c> writes it;
/// a digest that it carries itself is left out.
/// </summary>
internal static class ReportDigest
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(string document)
    {
        using var parsed = JsonDocument.Parse(document);
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Compact))
        {
            writer.WriteStartObject();
            Members(writer, parsed.RootElement.EnumerateObject().Where(static m => m.Name is not ("digest" or "reportDigest")));
            writer.WriteEndObject();
        }

        return Sha256.Hex(buffer.ToArray());
    }

    private static void Members(Utf8JsonWriter writer, IEnumerable<JsonProperty> members)
    {
        foreach (var member in members.OrderBy(static m => m.Name, StringComparer.Ordinal))
        {
            writer.WritePropertyName(member.Name);
            Sorted(writer, member.Value);
        }
    }

    private static void Sorted(Utf8JsonWriter writer, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                Members(writer, element.EnumerateObject());
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                    Sorted(writer, item);
                writer.WriteEndArray();
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }
}
