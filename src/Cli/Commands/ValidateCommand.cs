using System.CommandLine;
using Provision.Reconciler;
using Provision.Reconciler.Reports;
using Provision.Spec;

namespace Provision.Cli;

/// <summary><c>validate</c>: manifests alone, or with <c>--host</c> also whether this host can do what they ask for. Reads only.</summary>
internal static class ValidateCommand
{
    private static readonly Option<bool> Host = Options.Switch(
        "--host", "Also tell every field that this host lacks or would not take (exit code 6 when something is missing)");

    public static Command Create(Runner run) => run.Command(
        "validate", "Check manifests: every error of every file, with its line", Run, Options.Files, Options.Format, Host);

    private static int Run(Session session)
    {
        ReadingOnly.Begin(session);
        var result = Input.Read(session);
        // Whether a host could do what is wrong in itself is no question.
        var onHost = session.Parse.GetValue(Host) && !result.HasErrors;
        IReadOnlyList<Diagnostic> problems = onHost ? new HostCheck(session.Drivers).Check(result.Set, session.Scope) : [];
        IReadOnlyList<Diagnostic> diagnostics = [.. result.Diagnostics.Items, .. problems];
        foreach (var diagnostic in diagnostics)
            DiagnosticView.Tell(session.Output, diagnostic, result.Sources);
        if (!session.ForPeople)
            session.Report(DiagnosticJson.Validation(
                [.. result.Files.Select(static f => f.Path)], result.Set.Ordered.Length, result.Digest, diagnostics, onHost ? session.Host.Facts() : null));
        else
            session.Output.Show(Summary(session, result, problems, onHost));
        return result.HasErrors ? ExitCode.InvalidManifest
            : problems.Any(static p => p.Severity == Severity.Error) ? Planning.CodeOf(session, problems)
            : ExitCode.Done;
    }

    private static Line Summary(Session session, ManifestResult result, IReadOnlyList<Diagnostic> problems, bool onHost)
    {
        var (resources, files) = (Words.Count(result.Set.Ordered.Length, "resource"), Words.Count(result.Files.Length, "file"));
        if (result.HasErrors)
            return new Line("Invalid: ", Tint.Error).Add($"{DiagnosticView.Count(result.Diagnostics.Items)} in {files}.");
        if (!onHost)
            return new Line("Valid: ", Tint.Good).Add($"{resources} in {files}.");
        var kernel = $"Linux {session.Host.Facts().Kernel}";
        return problems.Any(static p => p.Severity == Severity.Error)
            ? new Line("Not for this host: ", Tint.Error).Add($"{DiagnosticView.Count([.. problems])} on {kernel}; {resources} in {files} valid in themselves.")
            : new Line("Valid: ", Tint.Good).Add($"{resources} in {files}; this host ({kernel}) can do all of it.");
    }
}
