using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>A file is not a saved plan that can be applied.</summary>
public sealed class SavedPlanException(string message) : Exception(message);

/// <summary>
/// Saved plans as text, <c>provision/saved-plan/v1</c>. Holds values as they are, secrets too: the file belongs in
/// mode 0600. The last member is a digest of the rest, so that a cut or edited file is refused.
/// </summary>
public static class SavedPlanJson
{
    public const string Version = "provision/saved-plan/v1";

    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(SavedPlan plan, string tool, DateTimeOffset time)
    {
        var body = Write(plan, tool, time, null);
        return Write(plan, tool, time, Reports.ReportDigest.Of(body));
    }

    /// <summary>Whether a text is meant to be a saved plan, whole or not.</summary>
    public static bool Looks(string text) => text.AsSpan(0, Math.Min(text.Length, 200)).Contains(Version, StringComparison.Ordinal);

    /// <exception cref="SavedPlanException">The text is not whole, was edited, or names a kind that this binary does not have.</exception>
    public static SavedPlan Read(string text, DriverRegistry drivers)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            if (root.GetProperty("schemaVersion").GetString() != Version)
                throw new SavedPlanException($"is not a saved plan ({Version})");
            if (root.GetProperty("digest").GetString() != Reports.ReportDigest.Of(text))
                throw new SavedPlanException("was changed after it was written: make a new plan");
            var plan = Read(root);
            if (plan.Desired.Ordered.FirstOrDefault(r => drivers.Kinds.All(k => k.Kind != r.Id.Kind)) is { } unknown)
                throw new SavedPlanException($"names a kind that this binary does not know: {unknown.Id}");
            return plan;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new SavedPlanException("is not a whole saved plan: make a new plan");
        }
    }

    private static string Write(SavedPlan plan, string tool, DateTimeOffset time, string? digest)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Indented))
        {
            writer.WriteStartObject();
            writer.WriteString("schemaVersion", Version);
            writer.WriteString("tool", tool);
            writer.WriteString("time", time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
            writer.WriteString("instance", plan.Scope.Instance);
            writer.WriteString("stack", plan.Scope.Stack);
            writer.WriteBoolean("prune", plan.Options.Prune);
            writer.WriteBoolean("pruneAll", plan.Options.PruneAll);
            writer.WriteBoolean("force", plan.Options.Force);
            writer.WriteString("manifestDigest", plan.ManifestDigest);
            writer.WriteStartArray("resources");
            foreach (var resource in plan.Desired.Ordered)
                SavedResource.Write(writer, resource);
            writer.WriteEndArray();
            Strings(writer, "before", plan.Before);
            writer.WriteStartArray("changes");
            foreach (var change in plan.Changes)
            {
                writer.WriteStartObject();
                writer.WriteString("resource", change.Id.ToString());
                writer.WriteString("action", change.Action.ToString());
                writer.WriteString("liveDigest", change.LiveDigest);
                Operations(writer, change.Operations);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            Strings(writer, "after", plan.After);
            if (digest is not null)
                writer.WriteString("digest", digest);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static SavedPlan Read(JsonElement root) => new(
        new Scope(Text(root, "instance"), Text(root, "stack")),
        new PlanOptions
        {
            Prune = root.GetProperty("prune").GetBoolean(),
            PruneAll = root.GetProperty("pruneAll").GetBoolean(),
            Force = root.GetProperty("force").GetBoolean(),
        },
        new ResourceSet([.. root.GetProperty("resources").EnumerateArray().Select(SavedResource.Read)]),
        Text(root, "manifestDigest"),
        Strings(root, "before"),
        [.. root.GetProperty("changes").EnumerateArray().Select(static c => new SavedChange(
            ResourceId.Parse(Text(c, "resource")) ?? throw new FormatException("a change without a resource"),
            Enum.Parse<ChangeAction>(Text(c, "action")),
            Text(c, "liveDigest"),
            [.. c.GetProperty("operations").EnumerateArray().Select(static o => new SavedOperation(Text(o, "text"), Text(o, "shown")))]))],
        Strings(root, "after"));

    private static void Operations(Utf8JsonWriter writer, IEnumerable<SavedOperation> operations)
    {
        writer.WriteStartArray("operations");
        foreach (var operation in operations)
        {
            writer.WriteStartObject();
            writer.WriteString("text", operation.Text);
            writer.WriteString("shown", operation.Shown);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    internal static string Text(JsonElement element, string name) =>
        element.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null");

    internal static ImmutableArray<string> Strings(JsonElement element, string name) =>
        [.. element.GetProperty(name).EnumerateArray().Select(static s => s.GetString() ?? "")];

    internal static void Strings(Utf8JsonWriter writer, string name, IEnumerable<string> items)
    {
        writer.WriteStartArray(name);
        foreach (var item in items)
            writer.WriteStringValue(item);
        writer.WriteEndArray();
    }
}
