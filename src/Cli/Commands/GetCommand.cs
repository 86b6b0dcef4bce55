using System.CommandLine;
using Provision.Reconciler;
using Provision.Reconciler.Reports;
using Provision.Spec;

namespace Provision.Cli;

/// <summary><c>get</c>: live objects of the instance, with the fields of their kind that tell most.</summary>
internal static class GetCommand
{
    private static readonly Argument<string[]> What = new("KIND[/NAME]")
    {
        Description = "Which objects; all when nothing is said",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<bool> All = Options.Switch("--all", "Foreign objects too", "-a");

    public static Command Create(Runner run) => run.Command(
        "get", "List live objects", Run, What, Options.Files, Options.Format, All);

    private static int Run(Session session)
    {
        ReadingOnly.Begin(session);
        Privilege.WarnUnlessRoot(session);
        var wanted = session.Parse.GetValue(What)!.Select(w => Selection.Parse(w, session.Kinds)).ToList();
        var objects = Objects(session).Where(o => wanted.Count == 0 || wanted.Exists(w => w.Covers(o.Id))).ToList();
        foreach (var missing in wanted.Where(w => w.Name is not null && !objects.Exists(o => w.Covers(o.Id))))
            throw new StopException(ExitCode.Error, $"there is no {missing.Kind}/{missing.Name} in instance {session.Scope.Instance}");
        if (!session.ForPeople)
            session.Report(LiveJson.Write(session.Scope, objects, session.Drivers));
        else if (objects.Count == 0)
            session.Output.Say($"Nothing in instance {session.Scope.Instance}.");
        else
            session.Output.Table(LiveView.Lines(objects, session.Drivers));
        return ExitCode.Done;
    }

    /// <summary>What carries the instance's marks, what the manifests (when given) name, and with --all what else is there.</summary>
    private static IEnumerable<Observed> Objects(Session session)
    {
        var set = Input.IfGiven(session)?.Set ?? ResourceSet.Empty;
        var snapshot = new Snapshot();
        var all = session.Parse.GetValue(All);
        return session.Drivers.Drivers
            .SelectMany(d => d.Observe(snapshot, session.Scope, set, null).Concat(all ? d.Survey(snapshot, session.Scope) : []))
            .Where(static o => o.OnlyDeclared is null)
            .DistinctBy(static o => (o.Id.Kind, o.Object))
            .OrderBy(static o => o.Id.Kind, StringComparer.Ordinal).ThenBy(static o => o.Object, StringComparer.Ordinal);
    }
}
