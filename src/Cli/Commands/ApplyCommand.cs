using System.CommandLine;
using Provision.Reconciler;
using Provision.Reconciler.Reports;
using Provision.Spec;

namespace Provision.Cli;

/// <summary><c>apply</c>: plans, asks, changes the kernel and looks again. Or does a saved plan, exactly.</summary>
internal static class ApplyCommand
{
    private static readonly Argument<string> Saved = new("PLAN")
    {
        Description = "A plan saved by `plan --out`; done without asking, and only if the host is as it was",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command Create(Runner run) => run.Command(
        "apply", "Change the kernel to what the manifests say", Run,
        Saved, Options.Files, Options.Format, Options.AutoApprove, Options.Show, Options.Prune, Options.PruneAll, Options.Force, Options.LockTimeout);

    private static int Run(Session session)
    {
        Privilege.Require(session, "apply");
        return session.Parse.GetValue(Saved) is { } file ? OfSavedPlan(session, file) : OfManifests(session);
    }

    private static int OfManifests(Session session)
    {
        var manifests = Input.Manifests(session);
        var applied = new AppliedStore(session.Paths, session.Output);
        var record = applied.Read();
        var options = session.PlanOptions(record);
        return new Change(session)
        {
            Plan = () => Planning.Plan(session, manifests.Set, session.Scope, options, record),
            Options = options,
            Sources = manifests.Sources,
            Unasked = "give --auto-approve, or save a plan with `plan --out FILE` and use `apply FILE`",
            Approved = session.Parse.GetValue(Options.AutoApprove),
            Done = result => applied.Write(Record(session, manifests.Set, result, record), session.Host.Time.GetUtcNow()),
        }.Run();
    }

    private static int OfSavedPlan(Session session, string file)
    {
        if (Input.Given(session))
            throw StopException.Usage("a saved plan holds its manifests: give either it or -f");
        foreach (var option in (Option<bool>[])[Options.Prune, Options.PruneAll, Options.Force])
            if (session.Parse.GetValue(option))
                throw StopException.Usage($"a saved plan is done as it is: {option.Name} belongs to `plan --out FILE`");
        var saved = Read(session, file);
        foreach (var (option, then) in ((Option<string>, string)[])[(Options.Instance, saved.Scope.Instance), (Options.Stack, saved.Scope.Stack)])
            if (session.Parse.GetResult(option) is { Implicit: false } && session.Parse.GetValue(option) != then)
                throw StopException.Usage($"the plan was made with {option.Name} {then}");

        var paths = InstancePaths.Of(session.Host, saved.Scope);
        var applied = new AppliedStore(paths, session.Output);
        var record = applied.Read();
        var options = saved.Options with { WasApplied = record.Contains };
        return new Change(session)
        {
            Plan = () => Planning.Plan(session, saved.Desired, saved.Scope, options, record),
            Options = options,
            Saved = saved,
            Approved = true,
            Lock = paths.Lock,
            Done = result => applied.Write(Record(session, saved.Desired, result, record), session.Host.Time.GetUtcNow()),
        }.Run();
    }

    private static SavedPlan Read(Session session, string file)
    {
        string text;
        try
        {
            text = File.ReadAllText(file);
        }
        catch (Exception e) when (FileError.Is(e))
        {
            throw new StopException(ExitCode.Error, $"{file}: {FileError.Text(e)}");
        }

        if (!SavedPlanJson.Looks(text))
            throw StopException.Usage($"{file} is not a saved plan", "manifests are given with -f; a plan is saved with `plan --out FILE` (-o json is a report)");
        try
        {
            return SavedPlanJson.Read(text, session.Drivers);
        }
        catch (SavedPlanException e)
        {
            throw new StopException(ExitCode.Error, $"{file} {e.Message}");
        }
    }

    private static AppliedRecord Record(Session session, ResourceSet set, PlanResult result, AppliedRecord older) =>
        AppliedRecord.Of(set, session.Drivers).Keeping(older, result.Plan.Orphans.Select(static o => o.Id));
}
