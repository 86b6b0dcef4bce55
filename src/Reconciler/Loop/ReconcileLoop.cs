using Provision.Reconciler.Reports;
using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>
/// The agent's step: look at the suspects (or at everything), repair what differs, and go on without what refuses.
/// Not thread-safe: one look at a time.
/// </summary>
/// <param name="planner">Reads.</param>
/// <param name="applier">Writes.</param>
/// <param name="scope">Instance and stack.</param>
/// <param name="prune">Whether a look at everything also deletes what no manifest names any more; never everything
/// that the stack owns, since an emptied directory is more often an accident.</param>
/// <param name="contention">Who is being fought with.</param>
/// <param name="progress">Told of every operation.</param>
/// <param name="enter">Takes the instance's lock; disposed when the apply is over.</param>
public sealed class ReconcileLoop(
    Planner planner,
    Applier applier,
    Scope scope,
    bool prune,
    Contention contention,
    IApplyProgress progress,
    Func<CancellationToken, IDisposable> enter)
{
    private readonly Dictionary<ResourceId, KnownObject> _known = [];
    private readonly HashSet<ResourceId> _converged = [];
    private readonly ShownOperation _shown = new(planner.Drivers);

    public ResourceSet Desired { get; private set; } = ResourceSet.Empty;

    /// <summary>The objects as last seen: events are matched against them.</summary>
    public IReadOnlyCollection<KnownObject> Known => _known.Values;

    /// <summary>The resources that a look has found, or made, as these manifests declare them.</summary>
    public IReadOnlySet<ResourceId> Converged => _converged;

    /// <summary>Takes over new manifests; truces end, since the ground of the fight has moved.</summary>
    public void Take(ResourceSet desired)
    {
        Desired = desired;
        _converged.Clear();
        contention.Forget();
    }

    /// <param name="suspects">Resources to look at; null for everything.</param>
    /// <param name="heldBack">Resources to leave for later: what refused a moment ago.</param>
    /// <param name="cancel">Ends an apply between two operations; what it did is taken back.</param>
    public LoopOutcome Look(IReadOnlySet<ResourceId>? suspects, IReadOnlySet<ResourceId> heldBack, CancellationToken cancel)
    {
        var outcome = new LoopOutcome();
        var avoid = Desired.Ordered.Select(static r => r.Id).Where(contention.IsContended).Concat(heldBack).ToHashSet();
        while (!cancel.IsCancellationRequested)
        {
            var options = Options(suspects, avoid);
            if (options.Only is { Count: 0 })
                return outcome;
            var before = avoid.Count;
            avoid.UnionWith(Step(options, outcome, cancel));
            // Nothing new to leave out: another round would end the same way.
            if (avoid.Count == before)
                return outcome;
        }

        return outcome;
    }

    /// <summary>One plan and apply; returns what refused, for another round without it.</summary>
    private IReadOnlyCollection<ResourceId> Step(PlanOptions options, LoopOutcome outcome, CancellationToken cancel)
    {
        var first = planner.Plan(Desired, scope, options);
        Remember(first.Findings, options.Only);
        if (!first.HasErrors && first.Plan.IsEmpty)
            return [];

        using var held = enter(cancel);
        var result = planner.Plan(Desired, scope, options);
        Remember(result.Findings, options.Only);
        if (result.HasErrors)
            return Refusals(result, options, outcome, cancel);

        var fought = result.Plan.Changes
            .Where(c => !c.ObserveOnly && _converged.Contains(c.Id) && contention.EndsHere(c.Id))
            .Select(static c => c.Id).ToList();
        if (fought.Count == 0)
            return Apply(result, options, outcome, cancel);
        outcome.Contended.AddRange(fought);
        return fought;
    }

    private IReadOnlyCollection<ResourceId> Refusals(PlanResult result, PlanOptions options, LoopOutcome outcome, CancellationToken cancel)
    {
        foreach (var (id, problem) in result.Refused)
            outcome.Refused[id] = problem.Message;
        if (result.Refused.Count > 0)
            return [.. result.Refused.Keys];
        outcome.Problems.AddRange(result.Diagnostics.Where(static d => d.Severity == Severity.Error).Select(static d => d.Message));
        if (!options.Prune)
            return [];
        // What must not be pruned is no reason to leave the rest undone.
        var kept = options with { Prune = false };
        var rest = planner.Plan(Desired, scope, kept);
        return rest.HasErrors ? [.. rest.Refused.Keys] : Apply(rest, kept, outcome, cancel);
    }

    private IReadOnlyCollection<ResourceId> Apply(PlanResult result, PlanOptions options, LoopOutcome outcome, CancellationToken cancel)
    {
        var applied = applier.Apply(result, options, progress, cancel);
        if (applied.Outcome == ApplyOutcome.Done)
        {
            Done(result.Plan, applied.After, outcome);
            return [];
        }

        var refused = new HashSet<ResourceId>();
        foreach (var failure in applied.Failures)
        {
            var text = $"{_shown.Text(failure.Id, failure.Operation)}: {_shown.Error(failure)}";
            if (failure.Id is { } id)
                outcome.Refused[id] = text;
            else
                outcome.Problems.Add(text);
            if (failure.Id is { } mine)
                refused.Add(mine);
        }

        foreach (var failure in applied.Unverified)
        {
            outcome.Refused[failure.Id] = $"{failure.Text}: {string.Join(", ", failure.Fields.Select(static f => f.Path))}";
            refused.Add(failure.Id);
        }

        outcome.Problems.AddRange(applied.UndoFailures.Select(f => $"could not be taken back: {_shown.Text(f.Id, f.Operation)}: {_shown.Error(f)}"));
        return applied.Interrupted ? [] : refused;
    }

    private void Done(Plan plan, Findings? after, LoopOutcome outcome)
    {
        var changed = plan.Changes.Where(static c => !c.ObserveOnly).ToList();
        outcome.Changed.AddRange(changed);
        // What had been right and is not any more was changed by somebody else.
        foreach (var change in changed.Where(c => _converged.Contains(c.Id)))
            contention.Repaired(change.Id);
        if (after is not null)
            Remember(after, changed.Select(static c => c.Id).ToHashSet());
    }

    // Everything unless something is to be avoided; then the rest, without what cannot be there before the avoided.
    private PlanOptions Options(IReadOnlySet<ResourceId>? suspects, HashSet<ResourceId> avoid)
    {
        var shut = new HashSet<ResourceId>(avoid);
        if (shut.Count > 0)
            foreach (var resource in Desired.Ordered)
                if (resource.DependsOn.Any(shut.Contains) && !Exists(resource.Id))
                    shut.Add(resource.Id);
        return new PlanOptions
        {
            Only = suspects?.Where(id => !shut.Contains(id)).ToHashSet(),
            Except = shut,
            Prune = prune,
            WasApplied = _converged.Contains,
        };
    }

    private bool Exists(ResourceId id) => _known.TryGetValue(id, out var live) && live.Ownership == Ownership.Owned;

    private void Remember(Findings findings, IReadOnlySet<ResourceId>? only)
    {
        if (only is null)
            _known.Clear();
        else
            foreach (var id in only)
                _known.Remove(id);
        foreach (var live in findings.Observed.Values.SelectMany(static o => o))
            _known[live.Id] = KnownObject.Of(live);
        foreach (var comparison in findings.Comparisons)
            if (comparison.Converged)
                _converged.Add(comparison.Id);
    }
}
