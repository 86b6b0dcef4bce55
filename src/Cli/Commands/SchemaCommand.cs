using System.CommandLine;
using Provision.Spec;

namespace Provision.Cli;

/// <summary><c>schema</c>: JSON Schema of the manifest language, for editors and validators.</summary>
internal static class SchemaCommand
{
    internal static readonly Option<string> Kind = new("--kind") { Description = "Only this kind", HelpName = "KIND" };

    public static Command Create(Runner run) => run.Command(
        "schema", "Print the JSON Schema (draft 2020-12) of a manifest document", Run, Kind);

    private static int Run(Session session)
    {
        session.Output.Data(JsonSchema.Write(session.Parse.GetValue(Kind) is { } kind
            ? new KindRegistry([Selection.Schema(kind, session.Kinds)])
            : session.Kinds));
        return ExitCode.Done;
    }
}
