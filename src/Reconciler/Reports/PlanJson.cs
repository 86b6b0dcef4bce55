namespace Provision.Reconciler.Reports;

/// <summary><c>plan -o json</c>, <c>provision/plan/v1</c>: a report, redacted; never an input.</summary>
public static class PlanJson
{
    public static string Write(PlanResult result, DriverRegistry drivers)
    {
        var (plan, shown) = (result.Plan, new ShownOperation(drivers));
        return ReportText.Write("provision/plan/v1", writer =>
        {
            ChangeJson.Scope(writer, plan.Scope);
            ChangeJson.Changes(writer, plan, shown);
            ChangeJson.Summary(writer, plan);
            writer.Array("orphans", plan.Orphans, o =>
            {
                writer.WriteStartObject();
                writer.WriteString("resource", o.Id.ToString());
                writer.WriteString("object", o.Object);
                writer.WriteEndObject();
            });
            writer.Array("notes", plan.Notes, n =>
            {
                writer.WriteStartObject();
                writer.WriteString("resource", n.Id.ToString());
                writer.WriteString("text", n.Text);
                writer.WriteEndObject();
            });
            writer.Strings("before", plan.Before.Select(o => shown.Text(null, o)));
            writer.Strings("after", plan.After.Select(o => shown.Text(null, o)));
            DiagnosticJson.Write(writer, result.Diagnostics);
        });
    }
}
