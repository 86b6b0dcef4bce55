using System.CommandLine;
using System.Runtime.InteropServices;
using Provision.Kernel;
using Provision.Kernel.Containers;
using Provision.Kernel.Launch;
using Provision.Kernel.Sandbox;
using Provision.Reconciler;

namespace Provision.Cli;

/// <summary><c>exec</c>: runs a command in a running container and ends as it does.</summary>
internal static class ExecCommand
{
    // As docker exec and POSIX shells have them.
    private const int Failed = 125, NotExecutable = 126, NotFound = 127;

    private static readonly (PosixSignal Signal, int Number)[] Forwarded =
        [(PosixSignal.SIGHUP, 1), (PosixSignal.SIGINT, 2), (PosixSignal.SIGQUIT, 3), (PosixSignal.SIGTERM, 15)];

    private static readonly Argument<string> Name = new("NAME") { Description = "The container's name" };

    private static readonly Argument<string[]> Command = new("COMMAND")
    {
        Description = "The command and its arguments, after --",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<bool> Interactive = Options.Switch("--interactive", "Give it standard input", "-i");

    private static readonly Option<string[]> Env = new("--env", "-e") { Description = "NAME=VALUE added to the container's environment", HelpName = "NAME=VALUE" };

    private static readonly Option<string?> WorkingDirectory = new("--workdir", "-w") { Description = "Where it starts; the container's working directory unless told", HelpName = "PATH" };

    public static Command Create(Runner run) => run.Command(
        "exec", "Run a command in a running container", Run, Name, Command, Interactive, Env, WorkingDirectory);

    private static int Run(Session session)
    {
        Privilege.Require(session, "exec");
        try
        {
            using var entry = ContainerEntry.Start(
                session.Scope.Instance, session.Parse.GetValue(Name)!, spec => Changed(session, spec), session.Parse.GetValue(Interactive));
            var registrations = Forwarded.Select(f => PosixSignalRegistration.Create(f.Signal, context =>
            {
                context.Cancel = true;
                entry.Signal(f.Number);
            })).ToList();
            var status = entry.Wait();
            registrations.ForEach(static r => r.Dispose());
            return status;
        }
        catch (LaunchException refused)
        {
            var executes = refused.Step?.Call.Name is "execve";
            throw new StopException(
                executes && refused.Errno == Errno.ENOENT ? NotFound : executes && refused.Errno == Errno.EACCES ? NotExecutable : Failed, refused.Message);
        }
        catch (KernelException refused)
        {
            throw new StopException(Failed, refused.Message);
        }
    }

    private static SandboxSpec Changed(Session session, SandboxSpec spec)
    {
        var added = session.Parse.GetValue(Env) ?? [];
        var names = added.Select(static v => v.Split('=', 2)[0] + "=").ToHashSet(StringComparer.Ordinal);
        return spec with
        {
            Command = session.Parse.GetValue(Command)!,
            Env = [.. spec.Env.Where(v => !names.Contains(v.Split('=', 2)[0] + "=")), .. added],
            WorkingDirectory = session.Parse.GetValue(WorkingDirectory) ?? spec.WorkingDirectory,
        };
    }
}
