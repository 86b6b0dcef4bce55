using Provision.Kernel;
using Provision.Kernel.Supervise;

namespace Provision.Cli;

/// <summary>How commands reach an instance's supervisor.</summary>
internal static class Supervision
{
    // The supervisor bounds a launch and a stop by itself; this is for one that hangs.
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    public static SupervisorPaths Paths(Session session) =>
        new(session.Scope.Instance, session.Paths.Run, session.Paths.State);

    /// <summary>Asks for one thing to be done with each container, one writer of the instance at a time.</summary>
    public static int AskEach(Session session, IReadOnlyList<string> names, Verb verb)
    {
        Directory.CreateDirectory(session.Paths.Run);
        using var interrupt = session.Host.Interrupts();
        using var held = InstanceLock.Acquire(
            session.Paths.Lock, TimeSpan.FromSeconds(session.Parse.GetValue(Options.LockTimeout)),
            $"provision {session.Parse.CommandResult.Command.Name}", session.Host.Time, interrupt.Token);
        using var client = new SupervisorStarter(Paths(session)).Connect();
        var code = ExitCode.Done;
        foreach (var name in names)
            if (client.Ask(new Request { Verb = verb, Name = name }, Patience).Error is { } error)
            {
                session.Output.Error($"Container/{name}: {error.ToError()}");
                code = ExitCode.Error;
            }

        return code;
    }
}
