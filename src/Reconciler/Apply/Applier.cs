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
        var finished = false;
        string? broke = null;
        try
        {
            finished = stages.All(stage => transaction.Run(stage, cancel));
        }
        catch (Exception e)
        {
            // Whatever it is, the kernel is half changed now and somebody must hear of it.
            broke = $"{e.GetType().Name}: {e.Message}";
        }

        var second = new SecondLook(_planner, result, options);
        var (after, unverified) = finished ? second.AtTheDone() : (null, []);
        if (finished && unverified.IsEmpty)
            return new ApplyResult(ApplyOutcome.Done) { Performed = transaction.Performed, After = after };

        var failed = new ApplyResult(ApplyOutcome.Partial)
        {
            Failures = [.. transaction.Failures],
            Unverified = unverified,
            Broke = broke,
            Interrupted = !finished && broke is null && transaction.Failures.Count == 0,
        };
        if (transaction.DidIrreversible)
            return failed with
            {
                Outcome = finished && after is null ? ApplyOutcome.Unverified : ApplyOutcome.Partial,
                Performed = transaction.Performed,
                Left = [.. stages.SelectMany(static s => s).SelectMany(static t => t.Operations.Skip(t.Position).Select(o => new LeftOperation(t.Id, o)))],
            };
        return Unwind(transaction, second, failed);
    }

    private static ApplyResult Unwind(Transaction transaction, SecondLook second, ApplyResult failed)
    {
        var touched = transaction.Touched;
        List<OperationFailure> refused;
        try
        {
            refused = transaction.Unwind();
        }
        catch (Exception e)
        {
            return failed with { Broke = $"taking back: {e.GetType().Name}: {e.Message}" };
        }

        if (refused.Count > 0)
            return failed with { UndoFailures = [.. refused] };
        var (read, different) = second.AtTheUndone(touched);
        return failed with { NotRestored = different, Outcome = read && different.Length > 0 ? ApplyOutcome.Partial : ApplyOutcome.RolledBack };
    }
}
