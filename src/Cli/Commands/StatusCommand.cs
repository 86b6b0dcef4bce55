using System.CommandLine;
using Provision.Reconciler.Reports;
using Provision.Spec;

namespace Provision.Cli;

/// <summary><c>status</c>: how every resource stands; without manifests, what the stack's marks tell.</summary>
internal static class StatusCommand
{
    public static Command Create(Runner run) => run.Command(
        "status", "Show how every resource stands", Run, Options.Files, Options.Format);

    private static int Run(Session session)
    {
        ReadingOnly.Begin(session);
        Privilege.WarnUnlessRoot(session);
        var manifests = Input.IfGiven(session);
        var applied = new AppliedStore(session.Paths, session.Output).Read();
        var findings = session.Planner.Look(manifests?.Set ?? ResourceSet.Empty, session.Scope, session.PlanOptions(applied));
        var agent = AgentFile.Read(session.Paths);
        var resources = StatusBuilder.Of(findings, agent, manifests is not null);
        if (!session.ForPeople)
        {
            session.Report(StatusJson.Write(session.Scope, resources, agent));
            return ExitCode.Done;
        }

        foreach (var told in agent.Where(static a => a.Resource.Length == 0))
            session.Output.Warn($"agent: {told.Type}: {told.Message}");
        var columns = new Columns("RESOURCE", "STATE", "OBJECT", "MESSAGE");
        foreach (var resource in resources)
            columns.Row(
                (resource.Id.ToString(), Tint.Bold), (resource.State.ToString(), StateTint(resource.State)),
                (resource.Object ?? "", Tint.None), (resource.Message, Tint.None));
        if (columns.IsEmpty)
            session.Output.Say($"Stack {session.Scope.Stack} of instance {session.Scope.Instance} owns nothing.");
        else
            session.Output.Table(columns.Lines());
        return ExitCode.Done;
    }

    internal static Tint StateTint(ResourceState state) => state switch
    {
        ResourceState.Current => Tint.Good,
        ResourceState.Failed or ResourceState.NotFound => Tint.Error,
        ResourceState.Unknown => Tint.Dim,
        _ => Tint.Warning,
    };
}
