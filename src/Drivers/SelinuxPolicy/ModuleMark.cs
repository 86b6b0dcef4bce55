using System.Text.RegularExpressions;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.SelinuxPolicy;

/// <summary>
/// Whose a module is: its first line, a comment of CIL. The store keeps a module's source as it was given, so that whatever
/// replaces the module takes the mark away with it.
/// </summary>
internal sealed partial record ModuleMark(Scope Scope, ResourceId Id, DeletionPolicy Policy)
{
    /// <summary>The source as it is installed.</summary>
    public string On(string cil) => $"; provision {Scope.Instance} {Scope.Stack} {Id} {Policy}\n{cil}";

    /// <summary>The mark, null where there is none, and the source without it.</summary>
    public static (ModuleMark? Mark, string Cil) Split(string text)
    {
        var match = Line().Match(text);
        return match.Success && ResourceId.Parse(match.Groups[3].Value) is { } id && Enum.TryParse(match.Groups[4].Value, out DeletionPolicy policy)
            ? (new ModuleMark(new Scope(match.Groups[1].Value, match.Groups[2].Value), id, policy), text[match.Length..])
            : (null, text);
    }

    [GeneratedRegex(@"\A; provision (\S+) (\S+) (\S+) (\w+)\n")]
    private static partial Regex Line();
}
