using System.Text.Json;
using Provision.Spec;

namespace Provision.Reconciler.Reports;

/// <summary>Diagnostics in JSON: what <c>validate -o json</c> prints, and what stands in other reports.</summary>
public static class DiagnosticJson
{
    /// <summary><c>provision/validate/v1</c>.</summary>
    /// <param name="host">The host that the manifests were held against; null when they were looked at alone.</param>
    public static string Validation(
        IReadOnlyList<string> files, int resources, string digest, IReadOnlyList<Diagnostic> diagnostics, RunFacts? host = null) =>
        ReportText.Write("provision/validate/v1", writer =>
        {
            writer.WriteBoolean("valid", diagnostics.All(static d => d.Severity != Severity.Error));
            writer.Strings("files", files);
            writer.WriteNumber("resources", resources);
            writer.WriteString("manifestDigest", digest);
            if (host is not null)
            {
                writer.WriteStartObject("host");
                writer.WriteString("name", host.Host);
                writer.WriteString("kernel", host.Kernel);
                writer.WriteEndObject();
            }

            Write(writer, diagnostics);
        });

    /// <summary><c>provision/errors/v1</c>: printed instead of a report that could not be made.</summary>
    public static string Errors(IReadOnlyList<Diagnostic> diagnostics) =>
        ReportText.Write("provision/errors/v1", writer => Write(writer, diagnostics));

    /// <summary>A member <c>diagnostics</c>.</summary>
    public static void Write(Utf8JsonWriter writer, IEnumerable<Diagnostic> diagnostics) =>
        writer.Array("diagnostics", diagnostics, d =>
        {
            writer.WriteStartObject();
            writer.WriteString("code", d.Code);
            writer.WriteString("severity", d.Severity == Severity.Error ? "error" : "warning");
            writer.WriteString("message", d.Message);
            if (d.Span.File.Length > 0)
                writer.WriteString("file", d.Span.File);
            if (d.Span.Line > 0)
            {
                writer.WriteNumber("line", d.Span.Line);
                writer.WriteNumber("column", d.Span.Column);
                writer.WriteNumber("endLine", d.Span.EndLine);
                writer.WriteNumber("endColumn", d.Span.EndColumn);
            }

            if (d.Hint is not null)
                writer.WriteString("hint", d.Hint);
            writer.WriteEndObject();
        });
}
