using Microsoft.Extensions.Logging;
using Provision.Reconciler;
using Provision.Reconciler.Reports;

namespace Provision.Cli.Agent;

/// <summary>The agent's log lines, one template each.</summary>
internal static partial class AgentLog
{
    [LoggerMessage(1, LogLevel.Information, "agent started: instance {Instance}, stack {Stack}, {Resources} resources")]
    public static partial void Started(this ILogger log, string instance, string stack, int resources);

    [LoggerMessage(2, LogLevel.Information, "{Action} {Resource}: {Fields}")]
    public static partial void Changed(this ILogger log, string action, string resource, string fields);

    [LoggerMessage(3, LogLevel.Warning, "refused {Resource}: {Reason}")]
    public static partial void Refused(this ILogger log, string resource, string reason);

    [LoggerMessage(4, LogLevel.Warning, "contended {Resource}: repaired again and again, and changed back each time; leaving it alone for a while")]
    public static partial void Contended(this ILogger log, string resource);

    [LoggerMessage(5, LogLevel.Error, "manifest {Place}: {Code} {Text}; the last good set is kept")]
    public static partial void ManifestError(this ILogger log, string place, string code, string text);

    [LoggerMessage(6, LogLevel.Information, "manifests changed: {Resources} resources")]
    public static partial void ManifestsTaken(this ILogger log, int resources);

    [LoggerMessage(7, LogLevel.Information, "agent stopped; the kernel stays as it is")]
    public static partial void Stopped(this ILogger log);

    [LoggerMessage(8, LogLevel.Error, "{Work} failed: {Reason}")]
    public static partial void WorkFailed(this ILogger log, string work, string reason);

    [LoggerMessage(10, LogLevel.Error, "{Operation} for {Resource} could not be taken back: {Reason}")]
    public static partial void UndoFailed(this ILogger log, string operation, string resource, string reason);

    [LoggerMessage(9, LogLevel.Debug, "{Operation} for {Resource}")]
    public static partial void Performed(this ILogger log, string operation, string resource);

    public static void Changed(this ILogger log, ResourceChange change)
    {
        var fields = change.Fields.IsEmpty || change.Action == ChangeAction.Create
            ? change.Reason ?? $"{change.Fields.Length} fields"
            : string.Join(", ", change.Fields.Select(static f => Show(f)));
        log.Changed(change.Action.ToString().ToLowerInvariant(), change.Id.ToString(), fields);
    }

    private static string Show(FieldChange field) =>
        $"{field.Path} {ShownValue.Text(field.Path, field.From)} -> {ShownValue.Text(field.Path, field.To)} ({field.Cause.ToString().ToLowerInvariant()})";
}
