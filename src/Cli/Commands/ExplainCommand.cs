using System.CommandLine;
using Provision.Spec;

namespace Provision.Cli;

/// <summary><c>explain</c>: the manifest language, from its declarations.</summary>
internal static class ExplainCommand
{
    private static readonly Argument<string> What = new("KIND[.FIELD]")
    {
        Description = "A kind or one of its fields: Cgroup, Cgroup.memory.max",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<bool> Reference = Options.Switch("--reference", "The whole reference page, in Markdown");

    public static Command Create(Runner run) => run.Command(
        "explain", "Explain a kind or a field of the manifest language", Run, What, Reference);

    private static int Run(Session session)
    {
        if (session.Parse.GetValue(Reference))
            session.Output.Data(ReferencePage.Markdown(session.Kinds));
        else if (session.Parse.GetValue(What) is { } what)
            session.Output.Data(ExplainText.Render(Topic(session, what)));
        else
            session.Output.Table(Kinds(session.Kinds).Lines());
        return ExitCode.Done;
    }

    private static ExplainTopic Topic(Session session, string what)
    {
        var dot = what.IndexOf('.');
        var schema = Selection.Schema(dot < 0 ? what : what[..dot], session.Kinds);
        if (dot < 0)
            return Explain.Kind(schema);
        var path = what[(dot + 1)..];
        return Explain.Field(schema, path) ?? throw StopException.Usage(
            $"{schema.Kind} has no field {path}",
            Suggestion.Hint(path, Explain.Paths(schema)) ?? $"`provision explain {schema.Kind}` lists them");
    }

    private static Columns Kinds(KindRegistry kinds)
    {
        var columns = new Columns("KIND", "WHAT IT IS");
        foreach (var kind in kinds.Kinds)
            columns.Row((kind.Kind, Tint.Bold), (kind.Doc, Tint.None));
        return columns;
    }
}
