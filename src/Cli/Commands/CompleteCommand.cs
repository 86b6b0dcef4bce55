using System.CommandLine;

namespace Provision.Cli;

/// <summary><c>__complete</c>, hidden: what the completion scripts call with the words typed so far, the last one unfinished.</summary>
internal static class CompleteCommand
{
    private static readonly Argument<string[]> Typed = new("WORDS") { Arity = ArgumentArity.ZeroOrMore };

    public static Command Create(Runner run, RootCommand root)
    {
        var command = run.Command("__complete", "Words for a shell", session => Run(session, root), Typed);
        command.Hidden = true;
        return command;
    }

    private static int Run(Session session, RootCommand root)
    {
        foreach (var word in new Completer(root, session).Complete(session.Parse.GetValue(Typed) ?? []))
            session.Output.Data(word);
        return ExitCode.Done;
    }
}
