using Provision.Kernel;
using Provision.Kernel.Supervise;

namespace Provision.Cli;

/// <summary>How commands reach an instance's supervisor.</summary>
internal static class Supervision
{
    public static SupervisorPaths Paths(Session session) =>
        new(session.Scope.Instance, session.Paths.Run, session.Paths.State);

    /// <summary>Makes the supervisor, when one runs, become the program that this is.</summary>
    public static int Upgrade(Session session)
    {
        using var client = SupervisorClient.Connect(Paths(session))
            ?? throw new StopException(ExitCode.Error, $"no supervisor of instance {session.Scope.Instance} runs");
        var answer = client.AskUpgrade();
        if (answer.Error is { } error)
            throw new StopException(ExitCode.Error, error.ToError().ToString());
        session.Output.Say($"supervisor {answer.Pid} is generation {answer.Generation}");
        return ExitCode.Done;
    }

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
            if (client.Ask(new Request { Verb = verb, Name = name }).Error is { } error)
            {
                session.Output.Error($"Container/{name}: {error.ToError()}");
                code = ExitCode.Error;
            }

        return code;
    }
}
