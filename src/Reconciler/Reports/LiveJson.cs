using System.Text.Json;

namespace Provision.Reconciler.Reports;

/// <summary><c>get -o json</c>, <c>provision/get/v1</c>: live objects in canonical units.</summary>
public static class LiveJson
{
    public static string Write(Scope scope, IEnumerable<Observed> objects, DriverRegistry drivers) =>
        ReportText.Write("provision/get/v1", writer =>
        {
            writer.WriteString("instance", scope.Instance);
            writer.Array("objects", objects, o => Write(writer, o, drivers));
        });

    internal static void Write(Utf8JsonWriter writer, Observed live, DriverRegistry drivers)
    {
        writer.WriteStartObject();
        Members(writer, live, drivers);
        writer.WriteEndObject();
    }

    internal static void Members(Utf8JsonWriter writer, Observed live, DriverRegistry drivers)
    {
        writer.WriteString("resource", live.Id.ToString());
        writer.WriteString("object", live.Object);
        writer.WriteString("ownership", Word(live.Ownership));
        writer.WriteString("stack", live.Stack);
        writer.WriteString("deletionPolicy", live.DeletionPolicy.ToString());
        writer.Strings("dependsOn", live.DependsOn.Select(static d => d.ToString()));
        writer.WritePropertyName("live");
        ShownValue.Json(writer, drivers.For(live.Id.Kind).Schema.Fields, live.Live);
        writer.WriteStartObject("unreadable");
        foreach (var (path, why) in live.Unreadable.OrderBy(static u => u.Key, StringComparer.Ordinal))
            writer.WriteString(path, why);
        writer.WriteEndObject();
    }

    public static string Word(Ownership ownership) => ownership switch
    {
        Ownership.Owned => "owned",
        Ownership.Unfinished => "unfinished",
        _ => "foreign",
    };
}
