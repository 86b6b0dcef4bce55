using System.CommandLine;
using System.Text;
using Provision.Reconciler;
using Provision.Reconciler.Reports;
using Provision.Spec;

namespace Provision.Cli;

/// <summary><c>export</c>: what is live, as manifests that plan empty.</summary>
internal static class ExportCommand
{
    private static readonly Argument<string[]> What = new("KIND[/NAME]")
    {
        Description = "Which objects, and what contains them; everything of the stack when nothing is said",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<bool> All = Options.Switch("--all", "Foreign objects too, as manifests that adopt them", "-a");

    public static Command Create(Runner run) => run.Command(
        "export", "Print live objects as manifests", Run, What, All);

    private static int Run(Session session)
    {
        ReadingOnly.Begin(session);
        Privilege.WarnUnlessRoot(session);
        var wanted = session.Parse.GetValue(What)!.Select(w => Selection.Parse(w, session.Kinds)).ToList();
        var there = There(session);
        var objects = WithContainers(there, there.FindAll(o => wanted.Count == 0 || wanted.Exists(w => w.Covers(o.Id))));
        foreach (var missing in wanted.Where(w => w.Name is not null && !objects.Exists(o => w.Covers(o.Id))))
            throw new StopException(ExitCode.Error, $"stack {session.Scope.Stack} owns no {missing.Kind}/{missing.Name}", "--all looks at foreign objects too");

        var set = Exporter.Export(session.Planner, session.Scope, objects);
        session.Output.Data(Manifests(session, set));
        foreach (var comparison in session.Planner.Look(set, session.Scope, new PlanOptions()).Comparisons)
            if (!comparison.Converged || comparison.MarkMoved)
                session.Output.Warn($"{comparison.Id}: this manifest does not plan empty: {Why(comparison)}");
        return ExitCode.Done;
    }

    private static List<Observed> There(Session session)
    {
        var snapshot = new Snapshot();
        var all = session.Parse.GetValue(All);
        return [.. session.Drivers.Drivers
            .SelectMany(d => all ? d.Survey(snapshot, session.Scope) : d.Observe(snapshot, session.Scope, ResourceSet.Empty, null))
            .Where(o => o.Ownership switch
            {
                Ownership.Owned => o.Stack == session.Scope.Stack,
                Ownership.Foreign => all,
                _ => false,
            })];
    }

    // A manifest that names a parent loads only beside the parent's.
    private static List<Observed> WithContainers(List<Observed> there, List<Observed> wanted)
    {
        var objects = wanted.ToList();
        for (var i = 0; i < objects.Count; i++)
            objects.AddRange(there.Where(o => objects[i].DependsOn.Contains(o.Id) && !objects.Contains(o)));
        return objects;
    }

    private static string Manifests(Session session, ResourceSet set)
    {
        var text = new StringBuilder();
        foreach (var resource in set.Ordered)
            text.Append(text.Length == 0 ? "" : "---\n").Append(
                YamlWriter.Write(session.Drivers.For(resource.Id.Kind).Schema, resource.Metadata, resource.Spec));
        return text.Length == 0 ? "# nothing to export\n" : text.ToString();
    }

    private static string Why(Comparison comparison) => comparison switch
    {
        { Problems: [var problem, ..] } => problem.Message,
        { Fields.IsEmpty: false } => string.Join(", ", comparison.Fields.Select(static f => f.Path.ToString())),
        _ => "the mark remembers another spec; the next apply rewrites the mark and nothing else",
    };
}
