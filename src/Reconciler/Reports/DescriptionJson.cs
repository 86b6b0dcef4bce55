using Provision.Spec;

namespace Provision.Reconciler.Reports;

/// <summary><c>describe -o json</c>, <c>provision/describe/v1</c>.</summary>
public static class DescriptionJson
{
    public static string Write(Description description, Scope scope, DriverRegistry drivers)
    {
        var shown = new ShownOperation(drivers);
        return ReportText.Write("provision/describe/v1", writer =>
        {
            ChangeJson.Scope(writer, scope);
            writer.WriteString("resource", description.Id.ToString());
            writer.WriteString("state", description.Status.State.ToString());
            writer.WriteString("message", description.Status.Message);
            writer.WriteString("managementPolicy", description.Resource?.Metadata.ManagementPolicy.ToString());
            if (description.Live is { } live)
            {
                writer.WriteStartObject("object");
                LiveJson.Members(writer, live, drivers);
                writer.WriteEndObject();
            }
            else
            {
                writer.WriteNull("object");
            }

            writer.Array("fields", description.Fields, f =>
            {
                writer.WriteStartObject();
                writer.WriteString("path", f.Path.ToString());
                foreach (var (name, value) in (ReadOnlySpan<(string, Value?)>)[("stated", f.Stated), ("desired", f.Desired), ("live", f.Live)])
                {
                    writer.WritePropertyName(name);
                    ShownValue.Json(writer, f.Path, value);
                }

                writer.WriteString("note", f.Note);
                writer.WriteEndObject();
            });
            writer.Strings("operations", description.Change?.Operations.Select(o => shown.Text(description.Id, o)) ?? []);
            writer.Strings("dependsOn", description.DependsOn.Select(static d => d.ToString()));
            writer.Strings("dependents", description.Dependents.Select(static d => d.ToString()));
            DiagnosticJson.Write(writer, description.Problems);
        });
    }
}
