using System.CommandLine;
using Provision.Reconciler.Reports;

namespace Provision.Cli;

/// <summary><c>drift</c>: where the kernel moved away from the manifests. Exit code 2 for drift alone.</summary>
internal static class DriftCommand
{
    private static readonly Option<bool> Deep = Options.Switch("--deep",
        "Also read seccomp filters back from the processes of containers (ptrace): it stops each for a moment, and system calls in which they wait may end in EINTR");

    public static Command Create(Runner run) => run.Command(
        "drift", "Report where the kernel moved away from the manifests (exit code 2 when it did)", Run, Options.Files, Options.Format, Deep);

    private static int Run(Session session)
    {
        // The kernel shows filters to nobody who wears one: then it is put on once they are read.
        var isDeep = session.Parse.GetValue(Deep);
        if (!isDeep)
            ReadingOnly.Begin(session);
        Privilege.WarnUnlessRoot(session);
        var manifests = Input.Manifests(session);
        var applied = new AppliedStore(session.Paths, session.Output).Read();
        var findings = session.Planner.Look(manifests.Set, session.Scope, session.PlanOptions(applied));
        var deep = isDeep ? DeepLooks.Of(findings, session.Drivers) : null;
        if (isDeep)
            ReadingOnly.Begin(session);
        var report = DriftReportBuilder.Of(findings, session.Drivers, deep);

        foreach (var problem in report.Problems)
            DiagnosticView.Tell(session.Output, problem, manifests.Sources);
        if (session.ForPeople)
            session.Output.Show(DriftView.Lines(report));
        else
            session.Report(DriftJson.Write(report, session.Host.Facts(), Input.Facts(session, manifests)));
        return report.HasDrift ? ExitCode.Differences : report.Problems.IsEmpty ? ExitCode.Done : Planning.CodeOf(session, report.Problems);
    }
}
