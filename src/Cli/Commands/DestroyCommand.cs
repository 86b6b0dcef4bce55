using System.CommandLine;
using Provision.Kernel.Supervise;
using Provision.Reconciler;
using Provision.Reconciler.Reports;

namespace Provision.Cli;

/// <summary><c>destroy</c>: removes what a stack owns, found by the marks in the kernel; no manifests are needed.</summary>
internal static class DestroyCommand
{
    private static readonly Option<bool> All = Options.Switch("--all", "Every stack of the instance");

    public static Command Create(Runner run) => run.Command(
        "destroy", "Remove everything that the stack owns", Run,
        All, Options.Format, Options.AutoApprove, Options.Show, Options.Force, Options.LockTimeout);

    // The runtime's own way out takes milliseconds; many times that under emulation.
    private static readonly TimeSpan SupervisorPatience = TimeSpan.FromSeconds(10);

    private static int Run(Session session)
    {
        Privilege.Require(session, "destroy");
        using var supervisor = new SupervisorEnd(Supervision.Paths(session));
        var all = session.Parse.GetValue(All);
        var options = new PlanOptions { Force = session.Parse.GetValue(Options.Force) };
        return new Change(session)
        {
            Plan = () => session.Planner.PlanDestroy(session.Scope, all, options),
            Options = options,
            Approved = session.Parse.GetValue(Options.AutoApprove),
            Question = all
                ? $"Remove everything of instance {session.Scope.Instance}?"
                : $"Remove everything that stack {session.Scope.Stack} of instance {session.Scope.Instance} owns?",
            Done = planned =>
            {
                if (!supervisor.Wait(SupervisorPatience))
                    session.Output.Say("The supervisor has nothing left to keep and has not ended yet");
                Forget(session, planned, all);
            },
        }.Run();
    }

    private static void Forget(Session session, PlanResult planned, bool all)
    {
        if (all)
            AppliedStore.ForgetAll(session.Paths);
        else
            new AppliedStore(session.Paths, session.Output).Write(AppliedRecord.Empty, session.Host.Time.GetUtcNow());
        AppliedStore.Tidy(session.Paths);

        var released = planned.Plan.Changes.Where(static c => c.Operations.All(static o => !o.Irreversible)).Select(static c => c.Id.ToString()).ToList();
        if (released.Count > 0)
            session.Output.Say($"Left there, no longer ours (deletionPolicy Orphan): {string.Join(", ", released)}");
        var others = planned.Findings.Observed.Values.SelectMany(static o => o)
            .Where(o => !all && o.Ownership == Ownership.Owned && o.Stack != session.Scope.Stack)
            .GroupBy(static o => o.Stack).ToList();
        foreach (var stack in others)
            session.Output.Say($"Left alone: {Words.Count(stack.Count(), "resource")} of stack {stack.Key}");
    }
}
