using System.CommandLine;
using System.Globalization;
using Provision.Kernel;
using Provision.Kernel.Containers;
using Provision.Kernel.Launch;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Terminals;
using Provision.Reconciler;

namespace Provision.Cli;

/// <summary><c>exec</c>: runs a command in a running container and ends as it does.</summary>
internal static class ExecCommand
{
    // As docker exec and POSIX shells have them.
    private const int Failed = 125, NotExecutable = 126, NotFound = 127;

    private static readonly Argument<string> Name = new("NAME") { Description = "The container's name" };

    private static readonly Argument<string[]> Command = new("COMMAND")
    {
        Description = "The command and its arguments, after --",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<bool> Interactive = Options.Switch("--interactive", "Give it standard input", "-i");

    private static readonly Option<bool> Tty = Options.Switch("--tty", "Give it a terminal of its own, of the caller's size", "-t");

    private static readonly Option<string?> User = new("--user", "-u")
    {
        Description = "Who it runs as, by numbers; the container's user unless told",
        HelpName = "UID[:GID]",
        Validators =
        {
            static result =>
            {
                if (result.Tokens is [{ Value: var text }] && UserOf(text) is null)
                    result.AddError($"--user {text}: must be UID or UID:GID, by numbers");
            },
        },
    };

    private static readonly Option<string[]> Env = new("--env", "-e") { Description = "NAME=VALUE added to the container's environment", HelpName = "NAME=VALUE" };

    private static readonly Option<string?> WorkingDirectory = new("--workdir", "-w") { Description = "Where it starts; the container's working directory unless told", HelpName = "PATH" };

    public static Command Create(Runner run) => run.Command(
        "exec", "Run a command in a running container", Run, Name, Command, Interactive, Tty, User, Env, WorkingDirectory);

    private static int Run(Session session)
    {
        Privilege.Require(session, "exec");
        var (input, tty) = (session.Parse.GetValue(Interactive), session.Parse.GetValue(Tty));
        if (input && tty && !session.Host.InputIsTerminal)
            throw new StopException(Failed, "the input device is not a TTY", "leave out -t, or run it in a terminal");
        try
        {
            var streams = new EntryStreams(input, tty, tty ? Terminal.CallersSize() : null);
            using var entry = ContainerEntry.Start(session.Scope.Instance, session.Parse.GetValue(Name)!, spec => Changed(session, spec), streams);
            using var raw = input && tty ? RawMode.Enter() : null;
            using var signals = new ExecSignals(entry, raw, tty);
            return entry.Wait();
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
        string[] added = [.. session.Parse.GetValue(Env) ?? [], .. TermOf(session, spec)];
        var names = added.Select(static v => v.Split('=', 2)[0] + "=").ToHashSet(StringComparer.Ordinal);
        return spec with
        {
            Command = session.Parse.GetValue(Command)!,
            Env = [.. spec.Env.Where(v => !names.Contains(v.Split('=', 2)[0] + "=")), .. added],
            WorkingDirectory = session.Parse.GetValue(WorkingDirectory) ?? spec.WorkingDirectory,
            User = session.Parse.GetValue(User) is { } user ? UserOf(user)! : spec.User,
        };
    }

    // A terminal is of the caller's kind, unless the container or the caller says otherwise.
    private static IEnumerable<string> TermOf(Session session, SandboxSpec spec)
    {
        static bool IsTerm(string variable) => variable.StartsWith("TERM=", StringComparison.Ordinal);
        if (session.Parse.GetValue(Tty) && !spec.Env.Any(IsTerm) && session.Parse.GetValue(Env)?.Any(IsTerm) != true)
            yield return $"TERM={(session.Host.Variable("TERM") is { Length: > 0 } term ? term : "xterm")}";
    }

    /// <summary>The user that a text means, in no other groups; null when it means none. The highest number is no id.</summary>
    internal static UserSpec? UserOf(string text)
    {
        static uint? Id(string text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id != uint.MaxValue ? id : null;
        return text.Split(':') switch
        {
            [var uid] when Id(uid) is { } user => new UserSpec(user, 0, []),
            [var uid, var gid] when Id(uid) is { } user && Id(gid) is { } group => new UserSpec(user, group, []),
            _ => null,
        };
    }
}
