using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Provision.Cli.Oci;

/// <summary>Limits as options of <c>update</c>: each is a member of <c>linux.resources</c>, and says more than a file does.</summary>
internal static class OciLimits
{
    private static readonly (string Option, string Of, string Member, bool Text)[] All =
    [
        ("memory", "memory", "limit", false), ("memory-swap", "memory", "swap", false), ("memory-reservation", "memory", "reservation", false),
        ("cpu-share|cpu-shares", "cpu", "shares", false), ("cpu-quota", "cpu", "quota", false), ("cpu-period", "cpu", "period", false),
        ("cpu-burst", "cpu", "burst", false), ("cpu-idle", "cpu", "idle", false), ("cpu-rt-period", "cpu", "realtimePeriod", false),
        ("cpu-rt-runtime", "cpu", "realtimeRuntime", false), ("cpuset-cpus", "cpu", "cpus", true), ("cpuset-mems", "cpu", "mems", true),
        ("pids-limit", "pids", "limit", false), ("blkio-weight", "blockIO", "weight", false),
    ];

    public static IEnumerable<string> Options => All.Select(static o => o.Option + "=");

    /// <summary>The member <c>linux.resources</c>.</summary>
    /// <param name="file">What the file says; null: there is none.</param>
    public static string Resources(OciWords words, string? file)
    {
        var given = All.Where(o => words.Value(NameOf(o.Option)) is not null).ToList();
        if (file is null && given.Count == 0)
            throw new OciException($"update: --resources FILE or a limit is missing: {string.Join(", ", All.Select(static o => "--" + NameOf(o.Option)))}");
        if (given.Count == 0)
            return file!;
        if (Parse(file ?? "{}") is not JsonObject resources)
            throw new OciException("--resources: must be an object of JSON");
        foreach (var (option, of, member, text) in given)
        {
            var value = words.Value(NameOf(option))!;
            if (resources[of] is not JsonObject part)
                resources[of] = part = [];
            part[member] = text ? JsonValue.Create(value)
                : Number(value, sizes: of == "memory") is { } number ? JsonValue.Create(number)
                : throw new OciException($"--{NameOf(option)} {value}: must be a whole number{(of == "memory" ? ", with k, m or g for its unit if it has one" : "")}");
        }

        // Memory without a limit and swap with one cannot be: the sum of both is limited by it.
        if (words.Value("memory") == "-1" && words.Value("memory-swap") is null)
            resources["memory"]!["swap"] = -1;
        return resources.ToJsonString();
    }

    // Units are powers of 1024, as other runtimes have them.
    private static long? Number(string text, bool sizes)
    {
        var unit = sizes && text.Length > 1 ? "bkmgt".IndexOf(char.ToLowerInvariant(text[^1])) : -1;
        return long.TryParse(unit < 0 ? text : text[..^1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && (unit <= 0 || (number >= 0 && number <= long.MaxValue >> (10 * unit))) ? number << (10 * Math.Max(unit, 0)) : null;
    }

    private static string NameOf(string option) => option.Split('|')[0];

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException wrong)
        {
            throw new OciException($"--resources: it is no JSON: {wrong.Message}");
        }
    }
}
