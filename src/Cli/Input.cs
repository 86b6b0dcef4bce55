using Provision.Kernel;
using Provision.Reconciler.Reports;
using Provision.Spec;

namespace Provision.Cli;

/// <summary>The manifests of a run, read and told about.</summary>
internal static class Input
{
    /// <summary>Manifests without errors; whatever is wrong with them is told, and errors end the command.</summary>
    public static ManifestResult Manifests(Session session)
    {
        var result = Read(session);
        foreach (var diagnostic in result.Diagnostics.Items)
            DiagnosticView.Tell(session.Output, diagnostic, result.Sources);
        if (!result.HasErrors)
            return result;
        if (!session.ForPeople)
            session.Report(DiagnosticJson.Errors(result.Diagnostics.Items));
        throw new StopException(ExitCode.InvalidManifest, DiagnosticView.Count(result.Diagnostics.Items));
    }

    /// <summary>As <see cref="Manifests"/>; an empty set where no -f was given.</summary>
    public static ManifestResult? IfGiven(Session session) => Given(session) ? Manifests(session) : null;

    public static bool Given(Session session) => session.Parse.GetValue(Options.Files) is { Length: > 0 };

    /// <summary>Whatever the manifests are like, nothing told.</summary>
    public static ManifestResult Read(Session session)
    {
        if (!Given(session))
            throw StopException.Usage("no manifests given", "use -f FILE, -f DIRECTORY, or -f - for standard input");
        return Spec.Manifests.Load(session.Parse.GetValue(Options.Files)!, session.Kinds, new ManifestOptions
        {
            Variables = session.Host.Variable,
            ReadBeside = BesideFile.Read,
            Input = session.Parse.GetValue(Options.Files)!.Contains("-") ? session.Host.Input() : null,
        });
    }

    public static ManifestFacts Facts(Session session, ManifestResult manifests) =>
        new(manifests.Digest, GitCommit.Of(session.Parse.GetValue(Options.Files)!));
}
