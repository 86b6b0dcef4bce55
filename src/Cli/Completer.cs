using System.CommandLine;
using Provision.Kernel;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Cli;

/// <summary>Completes a command line: commands, options, their words, kinds, fields, and resource names out of manifests.</summary>
internal sealed class Completer(RootCommand root, Session session)
{
    /// <summary>Asks the shell to offer file names as well.</summary>
    public const string FilesToo = ":files";

    /// <param name="words">Without the program's own name; the last is the one under the cursor, perhaps empty.</param>
    public IEnumerable<string> Complete(IReadOnlyList<string> words)
    {
        var current = words.Count == 0 ? "" : words[^1];
        Command command = root;
        Option? open = null;
        var files = new List<string>();
        foreach (var word in words.SkipLast(1))
        {
            if (open is not null)
            {
                if (open == Options.Files)
                    files.Add(word);
                open = null;
            }
            else if (word.StartsWith('-'))
            {
                open = Known(command).FirstOrDefault(o => o.Name == word || o.Aliases.Contains(word)) is { } option && TakesValue(option) ? option : null;
            }
            else if (command.Subcommands.FirstOrDefault(c => c.Name == word || c.Aliases.Contains(word)) is { } sub)
            {
                command = sub;
            }
        }

        return Candidates(command, open, current, files)
            .Where(c => c == FilesToo || c.StartsWith(current, StringComparison.Ordinal))
            .Distinct();
    }

    private IEnumerable<string> Candidates(Command command, Option? open, string current, List<string> files)
    {
        if (open == Options.Files || open?.Name == "--out")
            return [FilesToo];
        if (open == SchemaCommand.Kind)
            return Kinds();
        if (open is not null)
            return open.GetCompletions(System.CommandLine.Completions.CompletionContext.Empty).Select(static c => c.Label);
        if (current.StartsWith('-'))
            return Known(command).Where(static o => !o.Hidden).Select(static o => o.Name);
        return command.Name switch
        {
            "get" or "export" => Kinds().Concat(Names(files)),
            "describe" => Names(files) is { Count: > 0 } names ? names : Kinds().Select(static k => k + "/"),
            "explain" => current.Contains('.') ? Fields(current) : Kinds(),
            "completion" => ["bash", "zsh", "fish"],
            "apply" => [FilesToo],
            "compile" or "disasm" or "diff" => [FilesToo, "built-in"],
            _ => command.Subcommands.Where(static c => !c.Hidden).Select(static c => c.Name),
        };
    }

    private static IEnumerable<Option> Known(Command command) => command.Options.Concat(Options.Common);

    private static bool TakesValue(Option option) => option.ValueType != typeof(bool) && option.Arity.MaximumNumberOfValues > 0;

    private IEnumerable<string> Kinds() => session.Kinds.Kinds.Select(static k => k.Kind);

    private IEnumerable<string> Fields(string current) =>
        session.Kinds.Find(current[..current.IndexOf('.')]) is { } schema ? Explain.Paths(schema).Select(p => $"{schema.Kind}.{p}") : [];

    // Of the manifests named so far, else of what is live.
    private List<string> Names(List<string> files)
    {
        if (files.Count > 0)
            return [.. Manifests.Load(files, session.Kinds, new ManifestOptions { Variables = session.Host.Variable, ReadBeside = BesideFile.Read })
                .Set.Ordered.Select(static r => r.Id.ToString())];
        try
        {
            var snapshot = new Snapshot();
            return [.. session.Drivers.Drivers
                .SelectMany(d => d.Observe(snapshot, session.Scope, ResourceSet.Empty, null))
                .Select(static o => o.Id.ToString())];
        }
        catch (Exception e) when (e is KernelException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
