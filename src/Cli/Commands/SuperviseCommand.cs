using System.CommandLine;
using Provision.Kernel.Supervise;

namespace Provision.Cli;

/// <summary><c>supervise</c>: keeps the instance's containers; started by whoever needs it, seldom by hand.</summary>
internal static class SuperviseCommand
{
    private static readonly Option<bool> Detach = Options.Switch("--detach", "Run in the background; return when it answers");

    private static readonly Option<bool> Upgrade = Options.Switch("--upgrade", "Make the running supervisor become this program; containers and logs go on");

    private static readonly Option<int?> Resume = new("--resume")
    {
        Description = "The descriptor of what the last program of this process handed over",
        Hidden = true,
    };

    private static readonly Option<bool> Check = new("--check") { Description = "Tell whether this program can go on from the handover on standard input", Hidden = true };

    private static readonly Option<bool> Ready = new("--ready") { Description = "Tell descriptor 3 when callers are answered", Hidden = true };

    public static Command Create(Runner run) => run.Command(
        "supervise", "Keep the instance's containers: start, watch, restart and stop them, and take their logs", Run, Detach, Upgrade, Resume, Ready, Check);

    private static int Run(Session session)
    {
        if (session.Parse.GetValue(Check))
        {
            SupervisorProcess.Check();
            return ExitCode.Done;
        }

        Privilege.Require(session, "supervise");
        var paths = Supervision.Paths(session);
        if (session.Parse.GetValue(Upgrade))
            return Supervision.Upgrade(session);
        if (session.Parse.GetValue(Detach))
            SupervisorProcess.Detach(paths);
        else
            SupervisorProcess.Run(paths, session.Parse.GetValue(Resume), session.Parse.GetValue(Ready), message =>
            {
                session.Host.Error.Write($"{session.Host.Time.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ} {message}\n");
                session.Host.Error.Flush();
            });
        return ExitCode.Done;
    }
}
