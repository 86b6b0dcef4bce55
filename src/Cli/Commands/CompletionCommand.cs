using System.CommandLine;

namespace Provision.Cli;

/// <summary><c>completion</c>: a script for a shell; it asks the binary itself for words.</summary>
internal static class CompletionCommand
{
    internal static readonly Argument<string> Shell = new("SHELL") { Description = "bash, zsh or fish" };

    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = """
            # provision(1) completion for bash: source it, or put it in /etc/bash_completion.d
            _provision() {
                local words=("${COMP_WORDS[@]:1:COMP_CWORD}") current="${COMP_WORDS[COMP_CWORD]}" word
                COMPREPLY=()
                while IFS= read -r word; do
                    if [[ $word == :files ]]; then
                        compopt -o filenames 2>/dev/null
                        while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current")
                    else
                        COMPREPLY+=("$word")
                    fi
                done < <("${COMP_WORDS[0]}" __complete -- "${words[@]}" 2>/dev/null)
            }
            complete -F _provision provision
            """,
        ["zsh"] = """
            #compdef provision
            # provision(1) completion for zsh: put it as _provision into a directory of $fpath, or source it
            _provision() {
                local -a found
                found=("${(@f)$("${words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
                if (( ${found[(Ie):files]} )); then
                    _files
                    found=("${(@)found:#:files}")
                fi
                found=("${(@)found:#}")
                (( ${#found} )) && compadd -- "${found[@]}"
            }
            if [[ $funcstack[1] == _provision ]]; then _provision "$@"; else compdef _provision provision; fi
            """,
        ["fish"] = """
            # provision(1) completion for fish: put it as provision.fish into ~/.config/fish/completions
            function __provision_complete
                set -l words (commandline -opc)
                set -l current (commandline -ct)
                for word in ($words[1] __complete -- $words[2..-1] "$current" 2>/dev/null)
                    if test "$word" = :files
                        __fish_complete_path "$current"
                    else
                        echo $word
                    end
                end
            end
            complete -c provision -f -a '(__provision_complete)'
            """,
    };

    public static Command Create(Runner run) => run.Command(
        "completion", "Print a completion script for a shell", Run, Shell);

    private static int Run(Session session)
    {
        var shell = session.Parse.GetValue(Shell)!;
        session.Output.Data(Scripts.TryGetValue(shell, out var script)
            ? script
            : throw StopException.Usage($"there is no completion for {shell}", "bash, zsh or fish"));
        return ExitCode.Done;
    }
}
