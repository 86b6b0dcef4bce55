using Provision.Spec;
namespace Provision.Reconciler;

/// <summary>
/// Manifests and kernel to plan: one snapshot, a pure diff, operations from the drivers. Holds no port that could
/// change anything.
/// </summary>
public sealed class Planner(DriverRegistry drivers)
{
    private readonly Comparer _comparer = new(drivers);

    public DriverRegistry Drivers => drivers;

    /// <summary>Looks at the kernel without planning operations.</summary>
    public Findings Look(ResourceSet desired, Scope scope, PlanOptions options) => _comparer.Compare(desired, scope, options);

    public PlanResult Plan(ResourceSet desired, Scope scope, PlanOptions options) =>
        Plan(Look(desired, scope, options), options);

    /// <summary>What removes everything that a stack owns (all stacks when null), whatever manifests say.</summary>
    public PlanResult PlanDestroy(Scope scope, bool allStacks, PlanOptions options)
    {
        var findings = Look(ResourceSet.Empty, scope, options);
        var doomed = findings.Observed.Values.SelectMany(static o => o)
            .Where(o => o.Ownership == Ownership.Unfinished || (o.Ownership == Ownership.Owned && (allStacks || o.Stack == scope.Stack)));
        var draft = new PlanDraft(drivers, findings, options);
        foreach (var live in doomed)
            draft.Delete(live, live.Ownership == Ownership.Unfinished ? "unfinished creation" : "destroy");
        return draft.Finish(destroys: true);
    }

    private PlanResult Plan(Findings findings, PlanOptions options)
    {
        var draft = new PlanDraft(drivers, findings, options);
        foreach (var comparison in findings.Comparisons)
            draft.Converge(comparison);
        if (options.Only is not null)
            return draft.Finish();
        foreach (var leftover in findings.Leftovers.Where(o => !options.Except.Contains(o.Id)))
            draft.Delete(leftover, "unfinished creation");
        var orphans = findings.Orphans.Where(o => !options.Except.Contains(o.Id)).ToList();
        if (!options.Prune)
            return draft.Finish(orphans.Select(static o => new Orphan(o.Id, o.Object)));
        if (orphans.Count > 0 && !options.PruneAll && !findings.Comparisons.Any(static c => c.Live?.Ownership == Ownership.Owned))
            draft.Problem(new Diagnostic(HostCodes.PruneAll, Severity.Error,
                $"--prune would remove everything that stack {findings.Scope.Stack} owns ({orphans.Count})",
                SourceSpan.None, "say --prune-all if that is meant"));
        foreach (var orphan in orphans)
            draft.Delete(orphan, "no longer in the manifests");
        return draft.Finish();
    }
}
