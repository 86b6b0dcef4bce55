using Provision.Spec;

namespace Provision.Reconciler.Reports;

/// <summary><c>status -o json</c>, <c>provision/status/v1</c>.</summary>
public static class StatusJson
{
    /// <param name="scope">Instance and stack.</param>
    /// <param name="resources">In dependency order.</param>
    /// <param name="agent">What a running agent says; those about no resource become conditions of the whole.</param>
    public static string Write(Scope scope, IEnumerable<ResourceStatus> resources, IEnumerable<AgentCondition>? agent = null) =>
        ReportText.Write("provision/status/v1", writer =>
        {
            ChangeJson.Scope(writer, scope);
            writer.Array("conditions", (agent ?? []).Where(static a => a.Resource.Length == 0), a =>
            {
                writer.WriteStartObject();
                writer.WriteString("type", a.Type);
                writer.WriteString("status", "True");
                writer.WriteString("reason", "Agent");
                writer.WriteString("message", a.Message);
                if (a.Since is not null)
                    writer.WriteString("since", a.Since);
                writer.WriteEndObject();
            });
            writer.Array("resources", resources, r =>
            {
                writer.WriteStartObject();
                writer.WriteString("resource", r.Id.ToString());
                writer.WriteString("state", r.State.ToString());
                writer.WriteString("object", r.Object);
                writer.WriteString("message", r.Message);
                foreach (var (name, value) in r.Facts.Members)
                {
                    writer.WritePropertyName(name);
                    CanonicalJson.Write(writer, value);
                }

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
