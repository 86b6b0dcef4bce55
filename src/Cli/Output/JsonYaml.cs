using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Provision.Cli;

/// <summary>A JSON report as YAML block style; strings that YAML would read as something else stay in JSON's quotes.</summary>
internal static class JsonYaml
{
    public static string Convert(string json)
    {
        using var document = JsonDocument.Parse(json);
        var text = new StringBuilder();
        Members(text, document.RootElement, 0);
        return text.ToString();
    }

    private static void Members(StringBuilder text, JsonElement tree, int indent)
    {
        foreach (var member in tree.EnumerateObject())
        {
            text.Append(' ', indent * 2).Append(Scalar(member.Name)).Append(':');
            Value(text, member.Value, indent);
        }
    }

    // A nested mapping or list starts on its own line; anything else follows on the same.
    private static void Value(StringBuilder text, JsonElement value, int indent)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object when value.EnumerateObject().Any():
                text.Append('\n');
                Members(text, value, indent + 1);
                break;
            case JsonValueKind.Array when value.GetArrayLength() > 0:
                text.Append('\n');
                foreach (var item in value.EnumerateArray())
                    Item(text, item, indent + 1);
                break;
            default:
                text.Append(' ').Append(Inline(value)).Append('\n');
                break;
        }
    }

    private static void Item(StringBuilder text, JsonElement item, int indent)
    {
        text.Append(' ', indent * 2).Append('-');
        if (item.ValueKind == JsonValueKind.Object && item.EnumerateObject().Any())
        {
            // The dash takes the place of the first member's indent.
            var inner = new StringBuilder();
            Members(inner, item, indent + 1);
            text.Append(' ').Append(inner, (indent + 1) * 2, inner.Length - ((indent + 1) * 2));
            return;
        }

        Value(text, item, indent);
    }

    private static string Inline(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Scalar(value.GetString()!),
        JsonValueKind.Object => "{}",
        JsonValueKind.Array => "[]",
        _ => value.GetRawText(),
    };

    // JSON's string syntax is YAML's double-quoted style.
    private static string Scalar(string text) =>
        IsPlain(text) ? text : $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";

    private static bool IsPlain(string text) =>
        text.Length > 0 && char.IsAsciiLetter(text[0]) && text[^1] != ' ' &&
        text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/' or ' ' or '(' or ')') &&
        text.ToLowerInvariant() is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "y" or "n");
}
