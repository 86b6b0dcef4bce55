using System.CommandLine;
using Provision.Reconciler.Reports;

namespace Provision.Cli;

/// <summary><c>drift</c>: where the kernel moved away from the manifests. Exit code 2 for drift alone.</summary>
internal static class DriftCommand
{
    public static Command Create(Runner run) => run.Command(
        "drift", "Report where the kernel moved away from the manifests (exit code 2 when it did)", Run, Options.Files, Options.Format);

    private static int Run(Session session)
    {
        ReadingOnly.Begin(session);
        Privilege.WarnUnlessRoot(session);
        var manifests = Input.Manifests(session);
        var applied = new AppliedStore(session.Paths, session.Output).Read();
        var findings = session.Planner.Look(manifests.Set, session.Scope, session.PlanOptions(applied));
        var report = DriftReportBuilder.Of(findings, session.Drivers);

        foreach (var problem in report.Problems)
            DiagnosticView.Tell(session.Output, problem, manifests.Sources);
        if (session.ForPeople)
            session.Output.Show(DriftView.Lines(report));
        else
            session.Report(DriftJson.Write(report, session.Host.Facts(), Input.Facts(session, manifests)));
        return report.HasDrift ? ExitCode.Differences : report.Problems.IsEmpty ? ExitCode.Done : Planning.CodeOf(session, report.Problems);
    }
}
