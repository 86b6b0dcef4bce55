using Provision.Reconciler;
using Provision.Reconciler.Reports;
using Provision.Spec;

namespace Provision.Cli;

/// <summary>Plans as commands make them: with the notes that what was applied last adds.</summary>
internal static class Planning
{
    public static PlanResult Plan(Session session, ResourceSet set, Scope scope, PlanOptions options, AppliedRecord applied)
    {
        var result = session.Planner.Plan(set, scope, options);
        return result with
        {
            Plan = result.Plan with { Notes = [.. result.Plan.Notes, .. applied.Dropped(result.Findings, session.Drivers)] },
        };
    }

    /// <summary>Tells warnings; errors of the host end the command before anything is changed.</summary>
    public static void StopAtErrors(Session session, PlanResult result, IReadOnlyDictionary<string, SourceText>? sources)
    {
        foreach (var diagnostic in result.Diagnostics)
            DiagnosticView.Tell(session.Output, diagnostic, sources);
        if (!result.HasErrors)
            return;
        if (!session.ForPeople)
            session.Report(DiagnosticJson.Errors(result.Diagnostics));
        throw new StopException(CodeOf(session, result.Diagnostics), $"{DiagnosticView.Count(result.Diagnostics)}; nothing was changed");
    }

    /// <summary>The exit code for problems of the host: one for what it lacks, another for everything else.</summary>
    public static int CodeOf(Session session, IEnumerable<Diagnostic> problems)
    {
        var missing = session.Drivers.Drivers.SelectMany(static d => d.MissingLayers).ToHashSet(StringComparer.Ordinal);
        return problems.Any(p => p.Severity == Severity.Error && missing.Contains(p.Code)) ? ExitCode.LayerMissing : ExitCode.Error;
    }
}
