using System.Globalization;
using System.Text.Json;

namespace Provision.Cli.Oci;

/// <summary>A member of a bundle's config.json that cannot be done, or that says nothing that could be.</summary>
/// <param name="Path"><c>linux.namespaces[0].type</c>.</param>
public sealed record Refusal(string Path, string Reason)
{
    public override string ToString() => Path.Length == 0 ? Reason : $"{Path}: {Reason}";
}

/// <summary>A value of JSON with its path. Reading what is of another type notes a refusal and gives nothing.</summary>
internal readonly struct Member(JsonElement value, string path, List<Refusal> refusals)
{
    public string Path => path;

    public JsonElement Value => value;

    public bool IsThere => value.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    /// <summary>Says nothing: missing, null, false, empty.</summary>
    public bool IsEmpty => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.String => value.GetString()!.Length == 0,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => false,
    };

    public Member this[string name]
    {
        get
        {
            var at = path.Length == 0 ? name : $"{path}.{name}";
            if (!IsThere)
                return new Member(default, at, refusals);
            if (value.ValueKind != JsonValueKind.Object)
            {
                Refuse("must be an object");
                return new Member(default, at, refusals);
            }

            return new Member(value.TryGetProperty(name, out var found) ? found : default, at, refusals);
        }
    }

    public void Refuse(string reason)
    {
        var place = path;
        if (!refusals.Exists(r => r.Path == place))
            refusals.Add(new Refusal(place, reason));
    }

    /// <summary>Null when it is missing.</summary>
    public string? Text() => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => null,
        JsonValueKind.String => NoNul(value.GetString()!),
        _ => Wrong<string>("must be a string"),
    };

    /// <summary>As <see cref="Text"/>; null when it is empty, too.</summary>
    public string? Filled() => Text() is { Length: > 0 } text ? text : null;

    public string Required()
    {
        if (Filled() is { } text)
            return text;
        Refuse("is missing");
        return "";
    }

    public bool Flag() => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False or JsonValueKind.Undefined or JsonValueKind.Null => false,
        _ => Wrong<bool>("must be true or false"),
    };

    public long? Number() => !IsThere ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : Wrong<long?>("must be a whole number");

    public uint? Small() => !IsThere ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetUInt32(out var number) ? number : Wrong<uint?>("must be a number from 0 to 4294967295");

    public ulong? Large() => !IsThere ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetUInt64(out var number) ? number : Wrong<ulong?>("must be a number, not negative");

    public IEnumerable<Member> Items()
    {
        if (!IsThere)
            return [];
        if (value.ValueKind != JsonValueKind.Array)
            return Wrong<Member[]>("must be a list") ?? [];
        var (where, told) = (path, refusals);
        return value.EnumerateArray().Select((item, i) => new Member(item, string.Create(CultureInfo.InvariantCulture, $"{where}[{i}]"), told));
    }

    public IReadOnlyList<string> Texts() => [.. Items().Select(static i => i.Text()).OfType<string>()];

    public IEnumerable<(string Name, Member Value)> Members()
    {
        if (!IsThere)
            return [];
        if (value.ValueKind != JsonValueKind.Object)
            return Wrong<(string, Member)[]>("must be an object") ?? [];
        var (where, told) = (path, refusals);
        return value.EnumerateObject().Select(m => (m.Name, new Member(m.Value, $"{where}.{m.Name}", told)));
    }

    private string? NoNul(string text) => text.Contains('\0') ? Wrong<string>("holds a NUL") : text;

    private T? Wrong<T>(string reason)
    {
        Refuse(reason);
        return default;
    }
}
