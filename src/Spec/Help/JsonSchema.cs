using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Provision.Spec;

/// <summary>
/// JSON Schema (draft 2020-12) of one manifest document of any kind, for editors and other validators. Whatever the
/// parser accepts validates, with variables not yet replaced and with what YAML makes of plain scalars
/// (<c>80</c> a number, <c>no</c> a boolean); what needs more than one field is left to <c>validate</c>.
/// </summary>
public static class JsonSchema
{
    // A scalar that holds a variable may turn into anything.
    private const string Variable = @"\$\{[A-Za-z_]";

    public static string Write(KindRegistry kinds)
    {
        using var stream = new MemoryStream();
        var options = new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(stream, options))
            Root(json, kinds);
        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void Root(Utf8JsonWriter json, KindRegistry kinds)
    {
        json.WriteStartObject();
        json.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
        json.WriteString("title", "Provision manifest");
        json.WriteString("type", "object");
        Strings(json, "required", ["apiVersion", "kind", "metadata"]);
        json.WriteBoolean("additionalProperties", false);
        json.WriteStartObject("properties");
        json.WriteStartObject("apiVersion");
        Words(json, [CommonFields.ApiVersion]);
        json.WriteEndObject();
        json.WriteStartObject("kind");
        Words(json, [.. kinds.Kinds.Select(static k => k.Kind)]);
        json.WriteEndObject();
        Reference(json, "metadata", "metadata");
        json.WriteStartObject("spec");
        json.WriteEndObject();
        json.WriteEndObject();

        json.WriteStartArray("allOf");
        foreach (var kind in kinds.Kinds)
            IfThen(json, kind);
        json.WriteEndArray();

        json.WriteStartObject("$defs");
        json.WriteStartObject("metadata");
        Object(json, CommonFields.Metadata, orNothing: false);
        json.WriteEndObject();
        foreach (var kind in kinds.Kinds)
        {
            json.WriteStartObject(kind.Kind);
            json.WriteString("description", kind.Doc);
            Object(json, kind.Fields.Add(CommonFields.DependsOn), orNothing: true);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void IfThen(Utf8JsonWriter json, KindSchema kind)
    {
        json.WriteStartObject();
        json.WriteStartObject("if");
        json.WriteStartObject("properties");
        json.WriteStartObject("kind");
        json.WriteString("const", kind.Kind);
        json.WriteEndObject();
        json.WriteEndObject();
        Strings(json, "required", ["kind"]);
        json.WriteEndObject();
        json.WriteStartObject("then");
        if (kind.Fields.Any(static f => f.Required))
            Strings(json, "required", ["spec"]);
        json.WriteStartObject("properties");
        Reference(json, "spec", kind.Kind);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Object(Utf8JsonWriter json, ImmutableArray<Field> fields, bool orNothing)
    {
        if (orNothing)
            Strings(json, "type", ["object", "null"]);
        else
            json.WriteString("type", "object");
        json.WriteBoolean("additionalProperties", false);
        var required = fields.Where(static f => f.Required).Select(static f => f.Name).ToList();
        if (required.Count > 0)
            Strings(json, "required", required);
        json.WriteStartObject("properties");
        foreach (var field in fields)
        {
            json.WriteStartObject(field.Name);
            json.WriteString("description", Description(field));
            Type(json, field.Type);
            if (field is { Default: { } value, Type: ScalarType scalar })
                Default(json, scalar, value);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Type(Utf8JsonWriter json, FieldType type)
    {
        switch (type)
        {
            case ScalarType { Words.IsEmpty: false } words:
                Words(json, words.Words);
                break;
            case ScalarType scalar:
                Scalar(json, scalar);
                break;
            case ObjectType group:
                Object(json, group.Fields, orNothing: false);
                break;
            case UnionType union:
                json.WriteStartArray("anyOf");
                foreach (var form in union.Forms)
                {
                    json.WriteStartObject();
                    Type(json, form);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                break;
            case ListType list:
                json.WriteString("type", "array");
                json.WriteStartObject("items");
                Type(json, list.Item);
                json.WriteEndObject();
                break;
            case MapType map:
                json.WriteString("type", "object");
                json.WriteStartObject("additionalProperties");
                Type(json, map.Item);
                json.WriteEndObject();
                break;
        }
    }

    private static void Scalar(Utf8JsonWriter json, ScalarType scalar)
    {
        var types = scalar.JsonTypes.Contains("string") ? scalar.JsonTypes : scalar.JsonTypes.Add("string");
        if (types.Length == 1)
            json.WriteString("type", types[0]);
        else
            Strings(json, "type", types);
        if (scalar.Pattern is not null)
            json.WriteString("pattern", $"{scalar.Pattern}|{Variable}");
        if (scalar is not QuantityType { BareNumbers: true } quantity)
            return;
        json.WriteNumber("minimum", quantity.Min);
        if (quantity.Max < NumberValue.Max - 1)
            json.WriteNumber("maximum", quantity.Max);
    }

    private static void Words(Utf8JsonWriter json, ImmutableArray<string> words)
    {
        json.WriteStartArray("anyOf");
        json.WriteStartObject();
        json.WriteStartArray("enum");
        foreach (var word in words)
            json.WriteStringValue(word);
        foreach (var flag in words.Select(YamlBoolean).OfType<bool>().Distinct())
            json.WriteBooleanValue(flag);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartObject();
        json.WriteString("type", "string");
        json.WriteString("pattern", Variable);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    // YAML 1.1 reads these words as booleans when they are not in quotes.
    private static bool? YamlBoolean(string word) => word.ToLowerInvariant() switch
    {
        "true" or "yes" or "on" or "y" => true,
        "false" or "no" or "off" or "n" => false,
        _ => null,
    };

    private static void Default(Utf8JsonWriter json, ScalarType type, Value value)
    {
        switch (value)
        {
            case FlagValue flag:
                json.WriteBoolean("default", flag.Flag);
                break;
            case NumberValue { IsMax: false } number when type is IntegerType:
                json.WriteNumber("default", number.Number);
                break;
            default:
                json.WriteString("default", type.Format(value));
                break;
        }
    }

    private static string Description(Field field) => field.ReplaceReason is null
        ? field.Doc
        : $"{field.Doc} A change replaces the object: {field.ReplaceReason}.";

    private static void Reference(Utf8JsonWriter json, string name, string definition)
    {
        json.WriteStartObject(name);
        json.WriteString("$ref", $"#/$defs/{definition}");
        json.WriteEndObject();
    }

    private static void Strings(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
