using System.CommandLine;
using System.CommandLine.Parsing;

namespace Provision.Cli;

/// <summary>Options that several commands share, declared once.</summary>
internal static class Options
{
    public static readonly Option<string[]> Files = new("--filename", "-f")
    {
        Description = "A manifest file, a directory of them, or - for standard input; may be given several times",
        HelpName = "PATH",
        AllowMultipleArgumentsPerToken = false,
    };

    public static readonly Option<string> Format = Words("--output", "-o", "Output: table for people, json or yaml for programs", "table", "json", "yaml");

    public static readonly Option<string> Stack = Name("--stack", "What a set of manifests owns: its name");

    public static readonly Option<string> Instance = Name("--instance", "A separate Provision on the same host: its name");

    public static readonly Option<bool> Quiet = Switch("--quiet", "Errors only, and what -o json or yaml asks for", "-q");

    public static readonly Option<bool> NoColor = Switch("--no-color", "No colours, as with NO_COLOR set");

    public static readonly Option<bool> Debug = Switch("--debug", "Show where an unexpected error came from");

    public static readonly Option<bool> Prune = Switch("--prune", "Delete what the stack owns and no manifest names");

    public static readonly Option<bool> PruneAll = Switch("--prune-all", "Prune even when nothing of the stack would be left");

    public static readonly Option<bool> Force = Switch("--force", "Accept what is refused by default, such as a limit under its use");

    public static readonly Option<bool> AutoApprove = Switch("--auto-approve", "Do not ask", "-y");

    public static readonly Option<string> Show = Words("--show", null, "Show more: the kernel operations of every change", "", "operations");

    public static readonly Option<int> LockTimeout = new("--lock-timeout")
    {
        Description = "Seconds to wait for another Provision that is changing this instance",
        HelpName = "SECONDS",
        DefaultValueFactory = static _ => 10,
        Validators = { NotNegative },
    };

    /// <summary>Options of every command.</summary>
    public static readonly Option[] Common = [Stack, Instance, Quiet, NoColor, Debug];

    public static Option<bool> Switch(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description };

    /// <summary>An option that takes one of a few words; the first is what it means when it is not given.</summary>
    public static Option<string> Words(string name, string? alias, string description, params string[] words)
    {
        var option = new Option<string>(name, alias is null ? [] : [alias])
        {
            Description = description,
            HelpName = string.Join('|', words.Where(static w => w.Length > 0)),
            DefaultValueFactory = _ => words[0],
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var word }] && (word.Length == 0 || !words.Contains(word)))
                result.AddError($"{name} {word}: must be {string.Join(" or ", words.Where(static w => w.Length > 0))}");
        });
        option.CompletionSources.Add([.. words.Where(static w => w.Length > 0)]);
        return option;
    }

    private static Option<string> Name(string name, string description)
    {
        var option = new Option<string>(name) { Description = description, HelpName = "NAME", DefaultValueFactory = static _ => "default" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && ScopeName.Error(text) is { } error)
                result.AddError($"{name} {text}: {error}");
        });
        return option;
    }

    private static void NotNegative(OptionResult result)
    {
        if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, out var seconds) && seconds is >= 0 and <= 86400))
            result.AddError($"--lock-timeout {text}: must be a whole number of seconds from 0 to 86400");
    }
}
