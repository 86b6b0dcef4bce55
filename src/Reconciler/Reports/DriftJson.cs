using System.Globalization;
using System.Text.Json;

namespace Provision.Reconciler.Reports;

/// <summary><c>drift -o json</c>, <c>provision/drift/v1</c>.</summary>
public static class DriftJson
{
    /// <summary>
    /// The last member, <c>reportDigest</c>, is the SHA-256 of the rest:
    /// <c>jq -jcS 'del(.reportDigest)' | sha256sum</c>.
    /// </summary>
    public static string Write(DriftReport report, RunFacts run, ManifestFacts manifests)
    {
        var digest = ReportDigest.Of(Write(report, run, manifests, null));
        return Write(report, run, manifests, digest);
    }

    private static string Write(DriftReport report, RunFacts run, ManifestFacts manifests, string? digest) =>
        ReportText.Write("provision/drift/v1", writer =>
        {
            writer.WriteBoolean("drift", report.HasDrift);
            ChangeJson.Scope(writer, report.Scope);
            writer.WriteString("host", run.Host);
            writer.WriteString("bootId", run.BootId);
            writer.WriteString("kernel", run.Kernel);
            writer.WriteString("tool", run.Tool);
            writer.WriteString("time", run.Time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
            writer.WriteString("manifestDigest", manifests.Digest);
            writer.WriteString("gitCommit", manifests.GitCommit);
            writer.Array("rows", report.Rows, r => Row(writer, r));
            writer.Array("checked", report.Checked, c =>
            {
                writer.WriteStartObject();
                writer.WriteString("resource", c.Id.ToString());
                writer.Strings("fields", c.Fields);
                Read(writer, c.Read);
                if (!c.Notes.IsEmpty)
                    writer.Strings("notes", c.Notes);
                writer.WriteEndObject();
            });
            Skipped(writer, "unchecked", report.Unchecked);
            Skipped(writer, "exempt", report.Exempt);
            Skipped(writer, "pending", report.Pending);
            DiagnosticJson.Write(writer, report.Problems);
            if (digest is not null)
                writer.WriteString("reportDigest", digest);
        });

    private static void Row(Utf8JsonWriter writer, DriftRow row)
    {
        writer.WriteStartObject();
        writer.WriteString("resource", row.Id.ToString());
        writer.WriteString("object", row.Object);
        writer.WriteString("path", row.Path?.ToString() ?? "");
        if (row.Path is null)
        {
            writer.WriteString("expected", "present");
            writer.WriteNull("actual");
        }
        else
        {
            writer.WritePropertyName("expected");
            ShownValue.Json(writer, row.Path, row.Expected);
            writer.WritePropertyName("actual");
            ShownValue.Json(writer, row.Path, row.Actual);
        }

        Read(writer, row.Read);
        if (!row.Details.IsEmpty)
            writer.Strings("details", row.Details);
        writer.WriteEndObject();
    }

    private static void Read(Utf8JsonWriter writer, Evidence read)
    {
        writer.WriteString("method", read.Method);
        writer.WriteString("confidence", read.Confidence switch
        {
            Confidence.Kernel => "kernel",
            Confidence.Recorded => "recorded",
            _ => "count-only",
        });
    }

    private static void Skipped(Utf8JsonWriter writer, string name, IEnumerable<SkippedField> fields) =>
        writer.Array(name, fields, f =>
        {
            writer.WriteStartObject();
            writer.WriteString("resource", f.Id.ToString());
            writer.WriteString("field", f.Path);
            writer.WriteString("why", f.Why);
            writer.WriteEndObject();
        });
}
