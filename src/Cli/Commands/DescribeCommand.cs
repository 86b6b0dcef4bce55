using System.CommandLine;
using Provision.Reconciler.Reports;
using Provision.Spec;

namespace Provision.Cli;

/// <summary><c>describe</c>: everything about one resource.</summary>
internal static class DescribeCommand
{
    private static readonly Argument<string> What = new("KIND/NAME") { Description = "Which resource" };

    public static Command Create(Runner run) => run.Command(
        "describe", "Show everything about one resource: manifest and kernel side by side, owner, what is pending", Run,
        What, Options.Files, Options.Format);

    private static int Run(Session session)
    {
        ReadingOnly.Begin(session);
        Privilege.WarnUnlessRoot(session);
        var wanted = Selection.Parse(session.Parse.GetValue(What)!, session.Kinds);
        if (wanted.Name is null)
            throw StopException.Usage("describe needs a name", $"{wanted.Kind}/NAME; `provision get {wanted.Kind}` lists them");
        var id = new ResourceId(wanted.Kind, wanted.Name);
        var manifests = Input.IfGiven(session);
        var applied = new AppliedStore(session.Paths, session.Output).Read();
        var result = Planning.Plan(session, manifests?.Set ?? ResourceSet.Empty, session.Scope, session.PlanOptions(applied), applied);
        var schema = session.Drivers.For(id.Kind).Schema;
        var description = Description.Of(result, id, schema, AgentFile.Read(session.Paths), manifests is not null)
            ?? throw new StopException(ExitCode.Error, $"neither the manifests nor instance {session.Scope.Instance} know {id}");
        if (session.ForPeople)
            session.Output.Table(new DescriptionView(session.Drivers).Lines(description));
        else
            session.Report(DescriptionJson.Write(description, session.Scope, session.Drivers));
        return ExitCode.Done;
    }
}
