using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>
/// Performs a plan as a transaction: stage by stage, then a second look at the kernel; a failure unwinds in
/// reverse unless something was done that cannot be taken back.
/// </summary>
public sealed class Applier
{
    private readonly Planner _planner;
    private readonly IReadOnlyList<IOperationExecutor> _executors;
    private readonly TransientRetry _retry;

    public Applier(Planner planner, IReadOnlyList<IOperationExecutor> executors, TimeProvider? time = null)
    {
        _planner = planner;
        _executors = executors;
        _retry = new TransientRetry(time ?? TimeProvider.System);
    }

    /// <param name="result">A plan without errors.</param>
    /// <param name="options">As the plan was made with.</param>
    /// <param name="progress">Told of every operation.</param>
    /// <param name="cancel">Ends the run between two waves; what was done is taken back.</param>
    public ApplyResult Apply(PlanResult result, PlanOptions options, IApplyProgress progress, CancellationToken cancel)
    {
        if (result.HasErrors)
            throw new ArgumentException("a plan with errors is not applied", nameof(result));
        if (result.Plan.IsEmpty)
            return new ApplyResult(ApplyOutcome.Done);

        var plan = result.Plan;
        var stages = Schedule.Of(plan);
        var transaction = new Transaction(_executors, _retry, progress);
        bool finished;
        try
        {
            finished = stages.All(stage => transaction.Run(stage, cancel));
        }
        catch
        {
            transaction.Unwind();
            throw;
        }

        var (after, unverified) = finished ? LookAgain(result, options) : (null, []);
        if (finished && unverified.IsEmpty)
            return new ApplyResult(ApplyOutcome.Done) { Performed = transaction.Performed, After = after };

        var failed = new ApplyResult(ApplyOutcome.Partial)
        {
            Failures = [.. transaction.Failures],
            Unverified = unverified,
            Interrupted = !finished && transaction.Failures.Count == 0,
        };
        if (transaction.DidIrreversible)
            return failed with
            {
                Performed = transaction.Performed,
                Left = [.. stages.SelectMany(static s => s).SelectMany(static t => t.Operations.Skip(t.Position))],
            };
        var refused = transaction.Unwind();
        return refused.Count == 0
            ? failed with { Outcome = ApplyOutcome.RolledBack }
            : failed with { UndoFailures = [.. refused] };
    }

    private (Findings? After, ImmutableArray<VerificationFailure> Unverified) LookAgain(PlanResult result, PlanOptions options)
    {
        var touched = result.Plan.Changes.Where(static c => !c.ObserveOnly).Select(static c => c.Id).ToHashSet();
        try
        {
            var after = _planner.Look(result.Findings.Desired, result.Plan.Scope, options with { Only = touched });
            return (after, Verify(result.Plan, after));
        }
        catch (KernelException unreadable)
        {
            return (null, [.. touched.Select(id => new VerificationFailure(id, $"cannot be read after the apply: {unreadable.Message}", []))]);
        }
    }

    private static ImmutableArray<VerificationFailure> Verify(Plan plan, Findings after)
    {
        var touched = plan.Changes.Where(static c => !c.ObserveOnly).ToDictionary(static c => c.Id);
        var failures = ImmutableArray.CreateBuilder<VerificationFailure>();
        foreach (var comparison in after.Comparisons)
        {
            if (comparison.Resource.Metadata.ManagementPolicy == ManagementPolicy.Observe || touched[comparison.Id].Action == ChangeAction.Delete)
                continue;
            if (!comparison.Exists)
                failures.Add(new VerificationFailure(comparison.Id, "is not there after the apply", []));
            else if (!comparison.Fields.IsEmpty)
                failures.Add(new VerificationFailure(comparison.Id, "differs after the apply", comparison.Fields));
            else if (comparison.MarkMoved)
                failures.Add(new VerificationFailure(comparison.Id, "does not carry its mark after the apply", []));
        }

        foreach (var live in after.Observed.Values.SelectMany(static o => o))
            if (touched.TryGetValue(live.Id, out var change) && change.Action == ChangeAction.Delete && live.Ownership != Ownership.Foreign)
                failures.Add(new VerificationFailure(live.Id, $"{live.Object} is still there after the apply", []));
        return failures.ToImmutable();
    }
}
