using System.Text.Json;

namespace Provision.EndToEnd;

/// <summary>Short ways into the JSON reports.</summary>
internal static class PlanJson
{
    /// <summary><c>Cgroup/web update</c> for each change, sorted.</summary>
    public static string[] Actions(this JsonElement plan) =>
    [
        .. plan.GetProperty("changes").EnumerateArray()
            .Select(static c => $"{c.GetProperty("resource").GetString()} {c.GetProperty("action").GetString()}")
            .Order(StringComparer.Ordinal),
    ];

    public static JsonElement Change(this JsonElement plan, string resource) =>
        plan.GetProperty("changes").EnumerateArray().Single(c => c.GetProperty("resource").GetString() == resource);

    public static JsonElement Field(this JsonElement change, string path) =>
        change.GetProperty("fields").EnumerateArray().Single(f => f.GetProperty("path").GetString() == path);

    public static string[] FieldPaths(this JsonElement change) =>
        [.. change.GetProperty("fields").EnumerateArray().Select(static f => f.GetProperty("path").GetString()!).Order(StringComparer.Ordinal)];

    public static int Summary(this JsonElement plan, string what) => plan.GetProperty("summary").GetProperty(what).GetInt32();
}
