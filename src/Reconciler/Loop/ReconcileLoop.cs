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
    Planner planner, Applier applier, Scope scope, bool prune, Contention contention, IApplyProgress progress, Func<IDisposable> enter)
{
    private readonly Dictionary<ResourceId, Observed> _known = [];

    public ResourceSet Desired { get; private set; } = ResourceSet.Empty;

    /// <summary>The objects as last seen: events are matched against them.</summary>
    public IReadOnlyCollection<Observed> Known => _known.Values;

    /// <summary>Takes over new manifests; truces end, since the ground of the fight has moved.</summary>
    public void Take(ResourceSet desired)
    {
        Desired = desired;
        contention.Forget();
    }

    /// <param name="suspects">Resources to look at; null for everything.</param>
    /// <param name="heldBack">Resources to leave for later: what refused a moment ago.</param>
    /// <param name="cancel">Ends an apply between two operations; what it did is taken back.</param>
    public LoopOutcome Look(IReadOnlySet<ResourceId>? suspects, IReadOnlySet<ResourceId> heldBack, CancellationToken cancel)
    {
        var outcome = new LoopOutcome();
        var avoid = Desired.Ordered.Select(static r => r.Id).Where(id => contention.IsContended(id) || heldBack.Contains(id)).ToHashSet();
        while (!cancel.IsCancellationRequested)
        {
            var only = Targets(suspects, avoid);
            if (only is { Count: 0 } || !Step(only, outcome, cancel, out var refused))
                return outcome;
            avoid.UnionWith(refused);
        }

        return outcome;
    }

    /// <summary>One plan and apply; true when it must be done again without what refused.</summary>
    private bool Step(IReadOnlySet<ResourceId>? only, LoopOutcome outcome, CancellationToken cancel, out IReadOnlyCollection<ResourceId> refused)
    {
        var options = new PlanOptions { Only = only, Prune = prune };
        refused = [];
        var first = planner.Plan(Desired, scope, options);
        Remember(first.Findings, only);
        if (!first.HasErrors && first.Plan.IsEmpty)
            return false;

        using var held = enter();
        var result = planner.Plan(Desired, scope, options);
        Remember(result.Findings, only);
        if (result.HasErrors)
        {
            foreach (var (id, problem) in result.Refused)
                outcome.Refused[id] = problem.Message;
            refused = [.. result.Refused.Keys];
            if (refused.Count == 0)
                outcome.Problems.AddRange(result.Diagnostics.Where(static d => d.Severity == Severity.Error).Select(static d => d.Message));
            return refused.Count > 0;
        }

        var fought = result.Plan.Changes
            .Where(c => !c.ObserveOnly && c.Fields.Any(static f => f.Cause == Cause.Drift) && contention.TooMany(c.Id))
            .Select(static c => c.Id).ToList();
        if (fought.Count > 0)
        {
            outcome.Contended.AddRange(fought);
            refused = fought;
            return true;
        }

        return Apply(result, options, outcome, cancel, out refused);
    }

    private bool Apply(PlanResult result, PlanOptions options, LoopOutcome outcome, CancellationToken cancel, out IReadOnlyCollection<ResourceId> refused)
    {
        var applied = applier.Apply(result, options, progress, cancel);
        if (applied.Outcome == ApplyOutcome.Done)
        {
            var changed = result.Plan.Changes.Where(static c => !c.ObserveOnly).ToList();
            outcome.Changed.AddRange(changed);
            changed.ForEach(c => _known.Remove(c.Id));
            if (applied.After is { } after)
                Remember(after, changed.Select(static c => c.Id).ToHashSet());
            refused = [];
            return false;
        }

        foreach (var failure in applied.Failures.Where(static f => f.Id is not null))
            outcome.Refused[failure.Id!.Value] = $"{failure.Operation.Text}: {failure.Error}";
        foreach (var failure in applied.Unverified)
            outcome.Refused[failure.Id] = $"{failure.Text}: {string.Join(", ", failure.Fields.Select(static f => f.Path))}";
        refused = [.. outcome.Refused.Keys];
        return refused.Count > 0 && !applied.Interrupted;
    }

    // Everything unless something is to be avoided; then what is left of it, without what depends on the avoided.
    private HashSet<ResourceId>? Targets(IReadOnlySet<ResourceId>? suspects, HashSet<ResourceId> avoid)
    {
        if (avoid.Count == 0)
            return suspects?.ToHashSet();
        var shut = new HashSet<ResourceId>(avoid);
        foreach (var resource in Desired.Ordered)
            if (resource.DependsOn.Any(shut.Contains) && !Exists(resource.Id))
                shut.Add(resource.Id);
        return [.. Desired.Ordered.Select(static r => r.Id).Where(id => !shut.Contains(id) && suspects?.Contains(id) != false)];
    }

    private bool Exists(ResourceId id) => _known.TryGetValue(id, out var live) && live.Ownership == Ownership.Owned;

    private void Remember(Findings findings, IReadOnlySet<ResourceId>? only)
    {
        if (only is null)
            _known.Clear();
        foreach (var live in findings.Observed.Values.SelectMany(static o => o))
            _known[live.Id] = live;
    }
}
