using Provision.Kernel;
using Provision.Reconciler;
using Provision.Reconciler.Reports;
using Provision.Spec;

namespace Provision.Cli;

/// <summary>
/// What apply and destroy have in common: plan, show, ask, lock, plan again, perform, tell. A plan that finds
/// nothing to do takes no lock and writes nothing.
/// </summary>
internal sealed class Change(Session session)
{
    private readonly Output _output = session.Output;

    public required Func<PlanResult> Plan { get; init; }

    public required PlanOptions Options { get; init; }

    /// <summary>Called when the kernel is as it should be, with the plan that led there.</summary>
    public required Action<PlanResult> Done { get; init; }

    /// <summary>No question is asked.</summary>
    public bool Approved { get; init; }

    /// <summary>The plan that this must turn out to be.</summary>
    public SavedPlan? Saved { get; init; }

    public IReadOnlyDictionary<string, SourceText>? Sources { get; init; }

    public string Question { get; init; } = "Apply these changes?";

    /// <summary>What to do where nobody can be asked.</summary>
    public string Unasked { get; init; } = "give --auto-approve";

    public string Lock { get; init; } = session.Paths.Lock;

    public int Run()
    {
        var trace = InstanceLock.Trace(Lock);
        var seen = Look();
        if (seen.Plan.IsEmpty)
            return Nothing(seen);
        if (!Approved)
        {
            Show(seen);
            Ask();
        }

        while (true)
        {
            var (code, planned) = Locked(seen, trace);
            if (planned is null)
                return code;
            Show(planned);
            Ask();
            seen = planned;
        }
    }

    /// <summary>
    /// The part under the lock: performs what was seen and approved, or comes back with the plan that has taken its
    /// place. Questions are asked outside: nobody waits for an answer with the lock held and signals caught.
    /// </summary>
    private (int Code, PlanResult? Instead) Locked(PlanResult seen, LockTrace trace)
    {
        using var interrupt = session.Host.Interrupts();
        using var held = TakeLock(interrupt.Token);
        // Where nobody was asked and no other writer came between, what was seen is a moment old.
        var planned = Approved && held.Follows(trace) ? seen : Look();
        if (!Approved && SavedPlan.Of(seen, Options, "", session.Drivers).Moved(planned, session.Drivers) is { Count: > 0 } moved)
        {
            _output.Message(new Line("The kernel moved meanwhile:", Tint.Warning));
            foreach (var line in moved)
                _output.Message("  " + line);
            return (0, planned);
        }

        if (planned.Plan.IsEmpty)
            return (Nothing(planned), null);
        if (Approved)
            Show(planned);
        var progress = new ProgressLine(_output, planned.Plan, session.Drivers);
        var result = new Applier(session.Planner, session.Host.Executors(), session.Host.Time)
            .Apply(planned, Options, progress, interrupt.Token);
        return (End(planned, result), null);
    }

    private PlanResult Look()
    {
        var result = Plan();
        Planning.StopAtErrors(session, result, Sources);
        if (Saved?.Moved(result, session.Drivers) is not { Count: > 0 } moved)
            return result;
        _output.Error("the plan is stale; nothing was changed", "make a new plan");
        foreach (var line in moved)
            _output.Message("  " + line);
        throw new StopException(ExitCode.Error);
    }

    private int Nothing(PlanResult seen)
    {
        if (session.ForPeople)
            Show(seen);
        return End(seen, new ApplyResult(ApplyOutcome.Done), told: true);
    }

    private int End(PlanResult planned, ApplyResult result, bool told = false)
    {
        if (!session.ForPeople)
            session.Report(ApplyJson.Write(planned, result, session.Drivers));
        if (!told && (session.ForPeople || result.Outcome != ApplyOutcome.Done))
            new ResultView(_output, session.Drivers).Tell(planned, result);
        if (result.Outcome == ApplyOutcome.Done)
            Done(planned);
        return result.Outcome switch
        {
            ApplyOutcome.Done => ExitCode.Done,
            ApplyOutcome.RolledBack => ExitCode.RolledBack,
            ApplyOutcome.Unverified => ExitCode.LayerMissing,
            _ => ExitCode.PartlyApplied,
        };
    }

    private void Show(PlanResult planned)
    {
        var lines = new PlanView(session.Drivers, session.Parse.GetValue(Cli.Options.Show) == "operations").Lines(planned);
        if (session.ForPeople)
            _output.Show(lines);
        else if (!Approved)
            foreach (var line in lines)
                _output.Message(line);
    }

    private void Ask()
    {
        if (!session.Host.InputIsTerminal || !session.Host.ErrorIsTerminal)
            throw StopException.Usage(
                "there is no terminal to ask on; nothing was changed",
                Unasked);
        _output.Ask($"\n{Question} Only \"yes\" is taken for yes: ");
        using var reader = new StreamReader(session.Host.Input(), leaveOpen: true);
        if (reader.ReadLine()?.Trim() != "yes")
            throw new StopException(ExitCode.Error, "not approved; nothing was changed");
    }

    private InstanceLock TakeLock(CancellationToken cancel)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Lock)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var wait = TimeSpan.FromSeconds(session.Parse.GetValue(Cli.Options.LockTimeout));
            return InstanceLock.Acquire(Lock, wait, $"provision {session.Parse.CommandResult.Command.Name}", session.Host.Time, cancel);
        }
        catch (OperationCanceledException)
        {
            throw new StopException(ExitCode.RolledBack, "interrupted while waiting for the lock; nothing was changed");
        }
        catch (Exception e) when (FileError.Is(e))
        {
            throw new StopException(ExitCode.Error, $"the lock {Lock} cannot be taken: {FileError.Text(e)}");
        }
    }
}
