using System.CommandLine;
using Provision.Reconciler.Reports;

namespace Provision.Cli;

/// <summary><c>validate</c>: manifests alone; the host is not looked at.</summary>
internal static class ValidateCommand
{
    public static Command Create(Runner run) => run.Command(
        "validate", "Check manifests: every error of every file, with its line", Run, Options.Files, Options.Format);

    private static int Run(Session session)
    {
        var result = Input.Read(session);
        var diagnostics = result.Diagnostics.Items;
        foreach (var diagnostic in diagnostics)
            DiagnosticView.Tell(session.Output, diagnostic, result.Sources);
        if (!session.ForPeople)
            session.Report(DiagnosticJson.Validation([.. result.Files.Select(static f => f.Path)], result.Set.Ordered.Length, result.Digest, diagnostics));
        else if (result.HasErrors)
            session.Output.Show(new Line("Invalid: ", Tint.Error).Add($"{DiagnosticView.Count(diagnostics)} in {Words.Count(result.Files.Length, "file")}."));
        else
            session.Output.Show(new Line("Valid: ", Tint.Good).Add($"{Words.Count(result.Set.Ordered.Length, "resource")} in {Words.Count(result.Files.Length, "file")}."));
        return result.HasErrors ? ExitCode.InvalidManifest : ExitCode.Done;
    }
}
