namespace Provision.Reconciler.Reports;

/// <summary><c>status -o json</c>, <c>provision/status/v1</c>.</summary>
public static class StatusJson
{
    public static string Write(Scope scope, IEnumerable<ResourceStatus> resources) =>
        ReportText.Write("provision/status/v1", writer =>
        {
            ChangeJson.Scope(writer, scope);
            writer.Array("resources", resources, r =>
            {
                writer.WriteStartObject();
                writer.WriteString("resource", r.Id.ToString());
                writer.WriteString("state", r.State.ToString());
                writer.WriteString("object", r.Object);
                writer.WriteString("message", r.Message);
                writer.Array("conditions", r.Conditions, c =>
                {
                    writer.WriteStartObject();
                    writer.WriteString("type", c.Type);
                    writer.WriteString("status", c.Holds ? "True" : "False");
                    writer.WriteString("reason", c.Reason);
                    writer.WriteString("message", c.Message);
                    if (c.Since is not null)
                        writer.WriteString("since", c.Since);
                    writer.WriteEndObject();
                });
                writer.WriteEndObject();
            });
        });
}
