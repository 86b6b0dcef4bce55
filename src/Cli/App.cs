using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Provision.Cli.Oci;
using Provision.Kernel;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Cli;

/// <summary>From arguments to an exit code: parses, runs one command, and turns every way to fail into a message.</summary>
internal static class App
{
    public static int Run(string[] args, Surroundings host)
    {
        if (OciMain.Asked(host.Program, args) is { } runtime)
            return OciMain.Run(host, runtime);
        var output = Open(host, args);
        int code;
        try
        {
            code = Guard(output, args.Contains("--debug"), () => Invoke(args, host, output));
            output.Flush();
        }
        catch (IOException e)
        {
            // Standard output itself failed: a full disk behind a redirection. Nothing else can be told there.
            host.Error.Write($"error: writing output: {FileError.Text(e)}\n");
            host.Error.Flush();
            return ExitCode.Error;
        }

        return code;
    }

    private static int Invoke(string[] args, Surroundings host, Output output)
    {
        var root = Root.Create(host, output);
        var parse = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parse.Errors.Count > 0 && parse.Action is not HelpAction)
            return Usage(parse, output);
        return parse.Invoke(new InvocationConfiguration { Output = host.Out, Error = host.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    private static int Usage(ParseResult parse, Output output)
    {
        // A command that is not known also counts as one that is missing: the error that names it is enough.
        var errors = parse.Errors.Select(static e => e.Message).Distinct().ToList();
        if (parse.UnmatchedTokens.Count > 0 && errors.Count > 1)
            errors.RemoveAll(e => !parse.UnmatchedTokens.Any(w => e.Contains(w, StringComparison.Ordinal)));
        foreach (var error in errors)
            output.Error(error);
        var command = parse.CommandResult.Command;
        output.Message(new Line($"  see: {Path(parse.CommandResult)} --help", Tint.Dim));
        foreach (var word in parse.UnmatchedTokens.Take(1))
            if (Suggestion.Nearest(word, word.StartsWith('-') ? OptionNames(command) : command.Subcommands.Where(static c => !c.Hidden).Select(static c => c.Name)) is { } near)
                output.Message(new Line("  hint: ", Tint.Dim).Add($"did you mean {near}?"));
        return ExitCode.Usage;
    }

    private static IEnumerable<string> OptionNames(Command command) =>
        command.Options.Concat(Options.Common).Where(static o => !o.Hidden).Select(static o => o.Name);

    private static string Path(CommandResult result) => result.Parent is CommandResult parent
        ? $"{Path(parent)} {result.Command.Name}"
        : "provision";

    private static int Guard(Output output, bool debug, Func<int> run)
    {
        try
        {
            return run();
        }
        catch (StopException stop)
        {
            if (stop.Told is not null)
                output.Error(stop.Told, stop.Hint);
            return stop.Code;
        }
        catch (Exception e) when (e is KernelException or InstanceLockedException)
        {
            output.Error(e.Message);
            return ExitCode.Error;
        }
        catch (Exception e) when (!debug)
        {
            output.Error($"unexpected {e.GetType().Name}: {e.Message.Split('\n')[0]}", "this is a defect; --debug shows where it came from");
            return ExitCode.Error;
        }
        catch (Exception e)
        {
            output.Error(e.ToString());
            return ExitCode.Error;
        }
    }

    // Before anything is parsed: usage errors have colours too, and go through the same door.
    private static Output Open(Surroundings host, string[] args)
    {
        var plain = args.Contains("--no-color") || !string.IsNullOrEmpty(host.Variable("NO_COLOR")) || host.Variable("TERM") is "dumb";
        return new Output(
            new Paint(host.Out, host.OutIsTerminal && !plain),
            new Paint(host.Error, host.ErrorIsTerminal && !plain),
            quiet: args.Contains("--quiet") || args.Contains("-q"),
            progress: host.ErrorIsTerminal && host.Variable("TERM") is not "dumb");
    }
}
