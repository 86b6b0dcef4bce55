using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Provision.Spec;

/// <summary>
/// Values as JSON in one canonical text: members sorted, no spaces, canonical units. Marks, digests and saved
/// plans are made of it.
/// </summary>
public static class CanonicalJson
{
    private static readonly JsonDocumentOptions Once = new() { AllowDuplicateProperties = false };

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(Value value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Compact))
            Write(writer, value);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static void Write(Utf8JsonWriter writer, Value value)
    {
        switch (value)
        {
            case TextValue text:
                writer.WriteStringValue(text.Text);
                break;
            case NumberValue number:
                writer.WriteNumberValue(number.Number);
                break;
            case FlagValue flag:
                writer.WriteBooleanValue(flag.Flag);
                break;
            case ListValue list:
                writer.WriteStartArray();
                foreach (var item in list.Items)
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case ObjectValue tree:
                writer.WriteStartObject();
                foreach (var (name, member) in tree.Members)
                {
                    writer.WritePropertyName(name);
                    Write(writer, member);
                }

                writer.WriteEndObject();
                break;
        }
    }

    /// <summary>Reads what <see cref="Write(Value)"/> wrote; null when the text is anything else.</summary>
    public static Value? TryParse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Once);
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return null;
        }
    }

    public static Value Read(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => new TextValue(element.GetString()!),
        JsonValueKind.Number => new NumberValue(element.GetInt64()),
        JsonValueKind.True => FlagValue.True,
        JsonValueKind.False => FlagValue.False,
        JsonValueKind.Array => new ListValue([.. element.EnumerateArray().Select(Read)]),
        JsonValueKind.Object => new ObjectValue(Members(element)),
        _ => throw new FormatException($"no value in JSON {element.ValueKind}"),
    };

    private static MemberMap Members(JsonElement element)
    {
        var members = MemberMap.Empty.ToBuilder();
        foreach (var member in element.EnumerateObject())
            members[member.Name] = Read(member.Value);
        return members.ToImmutable();
    }
}
