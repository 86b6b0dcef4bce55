using System.Text.Json;

namespace Provision.Reconciler.Reports;

/// <summary>The parts that the reports of plan, apply, drift and describe have in common.</summary>
internal static class ChangeJson
{
    public static string Word(ChangeAction action) => action switch
    {
        ChangeAction.Create => "create",
        ChangeAction.Update => "update",
        ChangeAction.Replace => "replace",
        _ => "delete",
    };

    public static string Word(Cause cause) => cause == Cause.Drift ? "drift" : "pending";

    public static void Changes(Utf8JsonWriter writer, Plan plan, ShownOperation shown) =>
        writer.Array("changes", plan.Changes, change =>
        {
            writer.WriteStartObject();
            writer.WriteString("resource", change.Id.ToString());
            writer.WriteString("action", Word(change.Action));
            if (change.ObserveOnly)
                writer.WriteBoolean("observeOnly", true);
            writer.WriteString("reason", change.Reason);
            if (change.Source.Line == 0)
            {
                writer.WriteNull("source");
            }
            else
            {
                writer.WriteStartObject("source");
                writer.WriteString("file", change.Source.File);
                writer.WriteNumber("line", change.Source.Line);
                writer.WriteEndObject();
            }

            writer.Array("fields", change.Fields, f => Field(writer, f, change.Action == ChangeAction.Create));
            writer.Strings("operations", change.Operations.Select(o => shown.Text(change.Id, o)));
            writer.WriteEndObject();
        });

    /// <param name="creation">Nothing is there yet, so nothing is replaced.</param>
    public static void Field(Utf8JsonWriter writer, FieldChange field, bool creation = false)
    {
        writer.WriteStartObject();
        writer.WriteString("path", field.Path.ToString());
        writer.WritePropertyName("from");
        ShownValue.Json(writer, field.Path, field.From);
        writer.WritePropertyName("to");
        ShownValue.Json(writer, field.Path, field.To);
        writer.WriteString("cause", Word(field.Cause));
        writer.WriteBoolean("inPlace", creation || field.InPlace);
        writer.WriteString("reason", creation ? null : field.ReplaceReason);
        writer.WriteEndObject();
    }

    public static void Summary(Utf8JsonWriter writer, Plan plan)
    {
        writer.WriteStartObject("summary");
        foreach (var action in Enum.GetValues<ChangeAction>())
            writer.WriteNumber(Word(action), plan.Count(action));
        writer.WriteNumber("unchanged", plan.Unchanged);
        writer.WriteEndObject();
    }

    public static void Scope(Utf8JsonWriter writer, Scope scope)
    {
        writer.WriteString("instance", scope.Instance);
        writer.WriteString("stack", scope.Stack);
    }
}
