using System.Text.RegularExpressions;

namespace Provision.Architecture;

/// <summary>Something that the source must not say, and why.</summary>
/// <param name="Name">Short, for test names.</param>
/// <param name="Pattern">What is searched for.</param>
/// <param name="Scope">Folders that it is banned from.</param>
/// <param name="Reason">What goes wrong where it is used, and what to use instead.</param>
/// <param name="Violation">Code that must be caught: proves that the ban can fail.</param>
internal sealed record Ban(string Name, string Pattern, string[] Scope, string Reason, string Violation)
{
    /// <summary>Folders inside <see cref="Scope"/> where it is allowed.</summary>
    public string[] Except { get; init; } = [];

    /// <summary>Search the text of strings too.</summary>
    public bool InStrings { get; init; }

    public IEnumerable<string> Violations(SourceFile file)
    {
        if (!Scope.Any(file.In) || Except.Any(file.In))
            yield break;
        var text = InStrings ? file.Strings : file.Code;
        foreach (Match match in Regex.Matches(text, Pattern))
            yield return $"{file.Path}:{SourceFile.LineAt(text, match.Index)}: {match.Value.Trim()}: {Reason}";
    }

    public override string ToString() => Name;
}
