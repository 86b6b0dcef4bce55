using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Provision.Reconciler.Reports;

/// <summary>JSON reports as text: indented, two spaces, unescaped UTF-8.</summary>
public static class ReportText
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="schemaVersion">The first member of every report: <c>provision/plan/v1</c>.</param>
    /// <param name="body">Writes the other members.</param>
    public static string Write(string schemaVersion, Action<Utf8JsonWriter> body)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Indented))
        {
            writer.WriteStartObject();
            writer.WriteString("schemaVersion", schemaVersion);
            body(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static void Array<T>(this Utf8JsonWriter writer, string name, IEnumerable<T> items, Action<T> item)
    {
        writer.WriteStartArray(name);
        foreach (var one in items)
            item(one);
        writer.WriteEndArray();
    }

    public static void Strings(this Utf8JsonWriter writer, string name, IEnumerable<string> items) =>
        writer.Array(name, items, writer.WriteStringValue);
}
