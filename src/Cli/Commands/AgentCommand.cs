using System.CommandLine;
using Provision.Cli.Agent;

namespace Provision.Cli;

/// <summary><c>agent</c>: keeps the host as declared until it is told to stop.</summary>
internal static class AgentCommand
{
    private static readonly Option<int> Resync = new("--resync")
    {
        Description = "Seconds between looks at everything, events or not",
        HelpName = "SECONDS",
        DefaultValueFactory = static _ => (int)AgentOptions.DefaultResync.TotalSeconds,
        Validators =
        {
            static result =>
            {
                if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, out var seconds) && seconds is >= 1 and <= 86400))
                    result.AddError($"--resync {text}: must be a whole number of seconds from 1 to 86400");
            },
        },
    };

    private static readonly Option<string> Log = Options.Words("--log", null, "Log lines on standard error: text, or json", "text", "json");

    public static Command Create(Runner run) => run.Command(
        "agent", "Keep the host as declared: repair drift as the kernel tells of it, follow the manifests", Run,
        Options.Files, Options.Prune, Resync, Log);

    private static int Run(Session session)
    {
        Privilege.Require(session, "agent");
        if (!Input.Given(session))
            throw StopException.Usage("no manifests given", "use -f FILE or -f DIRECTORY");
        var paths = session.Parse.GetValue(Options.Files)!;
        if (paths.Contains("-"))
            throw StopException.Usage("standard input is nothing to watch", "use -f FILE or -f DIRECTORY");
        var options = new AgentOptions(
            paths, session.Scope, session.Parse.GetValue(Options.Prune),
            TimeSpan.FromSeconds(session.Parse.GetValue(Resync)), session.Parse.GetValue(Log) == "json",
            session.Parse.GetValue(Options.Debug));
        var applied = new AppliedStore(session.Paths, session.Output);
        return AgentHost.Run(options, session.Drivers, session.Host.Executors(), session.Host.Events(), session.Paths, applied).GetAwaiter().GetResult();
    }
}
