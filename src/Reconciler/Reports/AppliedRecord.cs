using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Provision.Spec;

namespace Provision.Reconciler.Reports;

/// <summary>
/// What was applied last, kept on disk: names and stated paths, no values. It tells a deletion by hand from a first
/// creation, and which fields an adopted object's manifest has dropped; no plan depends on it, and deleting it
/// changes labels and notes only.
/// </summary>
/// <param name="Resources">Stated paths by resource (<c>Cgroup/web</c>).</param>
public sealed record AppliedRecord(ImmutableSortedDictionary<string, ImmutableArray<string>> Resources)
{
    public static readonly AppliedRecord Empty = new(ImmutableSortedDictionary.Create<string, ImmutableArray<string>>(StringComparer.Ordinal));

    private const string Version = "provision/applied/v1";

    public static AppliedRecord Of(ResourceSet applied, DriverRegistry drivers) => new(applied.Ordered
        .Where(static r => r.Metadata.ManagementPolicy != ManagementPolicy.Observe)
        .ToImmutableSortedDictionary(
            static r => r.Id.ToString(), r => StatedPaths(r, drivers), StringComparer.Ordinal));

    public bool Contains(ResourceId id) => Resources.ContainsKey(id.ToString());

    public bool SameAs(AppliedRecord other) =>
        Resources.Count == other.Resources.Count &&
        Resources.All(r => other.Resources.TryGetValue(r.Key, out var paths) && paths.SequenceEqual(r.Value));

    /// <summary>This record, and what an older one knew of resources that are still there: orphans that were not pruned.</summary>
    public AppliedRecord Keeping(AppliedRecord older, IEnumerable<ResourceId> stillThere) =>
        new(Resources.AddRange(stillThere
            .Select(static id => id.ToString())
            .Where(id => !Resources.ContainsKey(id) && older.Resources.ContainsKey(id))
            .Distinct()
            .Select(id => KeyValuePair.Create(id, older.Resources[id]))));

    /// <summary>Fields that adopted objects keep although their manifest no longer states them.</summary>
    public IEnumerable<Note> Dropped(Findings findings, DriverRegistry drivers)
    {
        foreach (var comparison in findings.Comparisons)
        {
            var resource = comparison.Resource;
            if (resource.Metadata.ManagementPolicy != ManagementPolicy.Merge || comparison.Live is null ||
                !Resources.TryGetValue(resource.Id.ToString(), out var before))
                continue;
            var gone = before.Except(StatedPaths(resource, drivers), StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
            ValuePath? told = null;
            foreach (var (path, value) in SpecPaths.Of(drivers.For(resource.Id.Kind).Schema.Fields, comparison.Live.Live))
            {
                if (!gone.Contains(path.ToString()) || (told is not null && path.IsWithin(told.ToString())))
                    continue;
                told = path;
                yield return new Note(resource.Id,
                    $"{path} is no longer stated and keeps its live value {ShownValue.Text(path, value)} (managementPolicy Merge)");
            }
        }
    }

    public string ToJson(DateTimeOffset time) => ReportText.Write(Version, writer =>
    {
        writer.WriteString("time", time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
        writer.WriteStartObject("resources");
        foreach (var (id, paths) in Resources)
            writer.Strings(id, paths);
        writer.WriteEndObject();
    });

    /// <summary>Reads what <see cref="ToJson"/> wrote; <see cref="Empty"/> for anything else: nothing depends on it.</summary>
    public static AppliedRecord Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            return root.GetProperty("schemaVersion").GetString() != Version
                ? Empty
                : new AppliedRecord(root.GetProperty("resources").EnumerateObject().ToImmutableSortedDictionary(
                    static r => r.Name,
                    static r => r.Value.EnumerateArray().Select(static p => p.GetString() ?? "").ToImmutableArray(),
                    StringComparer.Ordinal));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            return Empty;
        }
    }

    private static ImmutableArray<string> StatedPaths(Resource resource, DriverRegistry drivers) =>
        [.. SpecPaths.Of(drivers.For(resource.Id.Kind).Schema.Fields, resource.Spec).Select(static p => p.Path.ToString())];
}
