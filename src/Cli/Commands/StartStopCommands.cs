using System.CommandLine;
using Provision.Kernel.Supervise;

namespace Provision.Cli;

/// <summary><c>start</c>, <c>stop</c>, <c>restart</c>: by hand, which shows as drift where the manifest wants otherwise.</summary>
internal static class StartStopCommands
{
    private static readonly Argument<string[]> Names = new("NAME")
    {
        Description = "Names of containers",
        Arity = ArgumentArity.OneOrMore,
    };

    public static Command Start(Runner run) => run.Command(
        "start", "Start containers that do not run, as they were last applied", static s => Run(s, "start", Verb.Start), Names, Options.LockTimeout);

    public static Command Stop(Runner run) => run.Command(
        "stop", "Stop containers: the stop signal, then after the timeout a kill", static s => Run(s, "stop", Verb.Stop), Names, Options.LockTimeout);

    public static Command Restart(Runner run) => run.Command(
        "restart", "Stop containers and start them again", static s => Run(s, "restart", Verb.Restart), Names, Options.LockTimeout);

    private static int Run(Session session, string command, Verb verb)
    {
        Privilege.Require(session, command);
        return Supervision.AskEach(session, session.Parse.GetValue(Names)!, verb);
    }
}
