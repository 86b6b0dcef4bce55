using System.Text.Json;

namespace Provision.Reconciler.Reports;

/// <summary><c>apply -o json</c> and <c>destroy -o json</c>, <c>provision/apply/v1</c>: what was to be done and how it ended.</summary>
public static class ApplyJson
{
    public static string Write(PlanResult planned, ApplyResult result, DriverRegistry drivers)
    {
        var shown = new ShownOperation(drivers);
        return ReportText.Write("provision/apply/v1", writer =>
        {
            ChangeJson.Scope(writer, planned.Plan.Scope);
            writer.WriteString("outcome", Word(result.Outcome));
            writer.WriteBoolean("interrupted", result.Interrupted);
            writer.WriteNumber("performed", result.Performed);
            ChangeJson.Changes(writer, planned.Plan, shown);
            ChangeJson.Summary(writer, planned.Plan);
            writer.Array("failures", result.Failures, f => Failure(writer, f, shown));
            writer.WriteString("broke", result.Broke);
            writer.Array("unverified", result.Unverified, v => Unverified(writer, v));
            writer.Array("undoFailures", result.UndoFailures, f => Failure(writer, f, shown));
            writer.Array("notRestored", result.NotRestored, v => Unverified(writer, v));
            writer.Strings("left", result.Left.Select(o => shown.Text(o.Id, o.Operation)));
        });
    }

    public static string Word(ApplyOutcome outcome) => outcome switch
    {
        ApplyOutcome.Done => "done",
        ApplyOutcome.RolledBack => "rolledBack",
        ApplyOutcome.Unverified => "unverified",
        _ => "partial",
    };

    private static void Unverified(Utf8JsonWriter writer, VerificationFailure failure)
    {
        writer.WriteStartObject();
        writer.WriteString("resource", failure.Id.ToString());
        writer.WriteString("text", failure.Text);
        writer.Array("fields", failure.Fields, f => ChangeJson.Field(writer, f));
        writer.WriteEndObject();
    }

    private static void Failure(Utf8JsonWriter writer, OperationFailure failure, ShownOperation shown)
    {
        var error = shown.Error(failure);
        writer.WriteStartObject();
        writer.WriteString("resource", failure.Id?.ToString());
        writer.WriteString("operation", shown.Text(failure.Id, failure.Operation));
        writer.WriteString("field", failure.Operation.Field);
        writer.WriteStartObject("error");
        writer.WriteString("action", error.Action);
        writer.WriteString("object", error.Object);
        writer.WriteString("value", error.Value);
        writer.WriteNumber("errno", error.Errno);
        writer.WriteString("text", ErrnoNames.Describe(error.Errno));
        writer.WriteString("detail", error.Detail);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
