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
        var doomed = findings.Objects
            .Where(o => o.Ownership == Ownership.Unfinished || (o.Ownership == Ownership.Owned && (allStacks || o.Stack == scope.Stack)))
            .OrderBy(static o => o.Ownership == Ownership.Unfinished);
        var draft = new PlanDraft(drivers, findings, options);
        foreach (var live in doomed)
            draft.Delete(live, live.Ownership == Ownership.Unfinished ? "unfinished creation" : "destroy");
        return draft.Finish(tidy: true);
    }

    private PlanResult Plan(Findings findings, PlanOptions options)
    {
        var draft = new PlanDraft(drivers, findings, options);
        foreach (var comparison in findings.Comparisons)
            draft.Converge(comparison);
        if (options.Only is not null)
            return draft.Finish();
        var orphans = findings.Orphans.Where(o => !options.Except.Contains(o.Id)).ToList();
        if (options.Prune)
            Prune(draft, findings, orphans, options);
        foreach (var leftover in findings.Leftovers.Where(o => !options.Except.Contains(o.Id)))
            draft.Delete(leftover, findings.Desired.Find(leftover.Id) is null
                ? "unfinished creation"
                : $"unfinished creation {leftover.Object}, which no manifest completes");
        return options.Prune ? draft.Finish(tidy: true) : draft.Finish(orphans.Select(static o => new Orphan(o.Id, o.Object)));
    }

    private static void Prune(PlanDraft draft, Findings findings, List<Observed> orphans, PlanOptions options)
    {
        if (orphans.Count > 0 && !options.PruneAll && !findings.Comparisons.Any(static c => c.Live is { Ownership: Ownership.Owned, OnlyDeclared: null }))
            draft.Problem(new Diagnostic(HostCodes.PruneAll, Severity.Error,
                $"--prune would remove everything that stack {findings.Scope.Stack} owns ({orphans.Count})",
                SourceSpan.None, "say --prune-all if that is meant"));
        foreach (var orphan in orphans)
            draft.Delete(orphan, "no longer in the manifests");
    }
}
