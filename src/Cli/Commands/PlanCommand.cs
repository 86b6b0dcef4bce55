using System.CommandLine;
using System.Text;
using Provision.Kernel;
using Provision.Reconciler;
using Provision.Reconciler.Reports;

namespace Provision.Cli;

/// <summary><c>plan</c>: what an apply would do. Reads only; exit code 2 when there is something to do.</summary>
internal static class PlanCommand
{
    private static readonly Option<string> Out = new("--out")
    {
        Description = "Save the plan to a file (mode 0600) for `apply FILE`",
        HelpName = "FILE",
    };

    public static Command Create(Runner run)
    {
        var command = run.Command(
            "plan", "Show what apply would change, field by field (exit code 2 when there is something)", Run,
            Options.Files, Options.Format, Out, Options.Show, Options.Prune, Options.PruneAll, Options.Force);
        command.Aliases.Add("diff");
        return command;
    }

    private static int Run(Session session)
    {
        // Opened before anything is read: a directory that cannot be written to is told at once.
        using var file = session.Parse.GetValue(Out) is { } path ? PreparedFile.Create(path, 0x180) : null;
        ReadingOnly.Begin(session, file);
        Privilege.WarnUnlessRoot(session);
        var manifests = Input.Manifests(session);
        var applied = new AppliedStore(session.Paths, session.Output).Read();
        var options = session.PlanOptions(applied);
        var result = Planning.Plan(session, manifests.Set, session.Scope, options, applied);
        Planning.StopAtErrors(session, result, manifests.Sources);

        if (!session.ForPeople)
            session.Report(PlanJson.Write(result, session.Drivers));
        else
            session.Output.Show(new PlanView(session.Drivers, session.Parse.GetValue(Options.Show) == "operations").Lines(result));
        if (file is not null)
        {
            var saved = SavedPlanJson.Write(SavedPlan.Of(result, options, manifests.Digest, session.Drivers), BuildInfo.FullVersion, session.Host.Time.GetUtcNow());
            file.Write(Encoding.UTF8.GetBytes(saved + "\n"));
            session.Output.Say($"Saved to {file.Path}; `provision apply {file.Path}` does exactly this, or refuses.");
        }

        // What is only observed and differs is nothing to apply, but drift.
        return result.Plan.IsEmpty && result.Plan.Changes.IsEmpty ? ExitCode.Done : ExitCode.Differences;
    }
}
