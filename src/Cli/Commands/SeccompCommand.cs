using System.CommandLine;
using Provision.Kernel.Seccomp;

namespace Provision.Cli;

/// <summary><c>seccomp</c>: profiles as filters: what they come to, instruction by instruction, and how two differ.</summary>
internal static class SeccompCommand
{
    private static readonly Argument<string> FileName = new("FILE") { Description = "A profile in JSON, a filter as the kernel holds it, - for standard input, or built-in" };

    private static readonly Argument<string> Before = new("A") { Description = "As FILE of compile and disasm" };

    private static readonly Argument<string> After = new("B") { Description = "The same" };

    private static readonly Option<string> Format = Options.Words("--output", "-o", "Output: table for people, json for programs, raw for the kernel (struct sock_filter)", "table", "json", "raw");

    public static Command Create(Runner run) =>
        new("seccomp", "Compile, show and compare seccomp profiles; nothing is loaded")
        {
            run.Command("compile", "Compile a profile: every trap in it, and what the filter costs", Compile, [FileName, .. SeccompInput.Targets, Format]),
            run.Command("disasm", "Show a profile's filter, or a filter as the kernel holds it, instruction by instruction", Disassemble, [FileName, .. SeccompInput.Targets]),
            run.Command("diff", "Show every call that two profiles treat differently, with arguments that show it", Compare, [Before, After, .. SeccompInput.Targets, Options.Format]),
        };

    private static int Compile(Session session)
    {
        var input = new SeccompInput(session);
        var format = session.Parse.GetValue(Format)!;
        var filter = input.Filter(session.Parse.GetValue(FileName)!, json: format == "json");
        if (format == "raw")
            session.Output.Bytes(filter.Program.Bytes.Span);
        else if (format == "json")
            session.Output.Data(SeccompJson.Filter(filter));
        else
            session.Output.Table(SeccompView.Filter(filter));
        return ExitCode.Done;
    }

    private static int Disassemble(Session session)
    {
        var filter = new SeccompInput(session).Filter(session.Parse.GetValue(FileName)!, json: false);
        session.Output.Table(Disassembler.Lines(filter.Program).Select(static l => (Line)l));
        return ExitCode.Done;
    }

    private static int Compare(Session session)
    {
        var input = new SeccompInput(session);
        var before = input.Filter(session.Parse.GetValue(Before)!, !session.ForPeople);
        var after = input.Filter(session.Parse.GetValue(After)!, !session.ForPeople);
        try
        {
            var changes = SeccompDiff.Compare(before.Program, after.Program);
            if (session.ForPeople)
                session.Output.Show(SeccompView.Changes(changes));
            else
                session.Report(SeccompJson.Changes(before.Name, after.Name, changes));
            return changes.IsEmpty ? ExitCode.Done : ExitCode.Differences;
        }
        catch (InvalidProgramException e)
        {
            throw new StopException(ExitCode.Error, $"comparing {before.Name} and {after.Name}: {e.Message}");
        }
    }
}
