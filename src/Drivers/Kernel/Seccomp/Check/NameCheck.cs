using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Kernel.Seccomp;

/// <summary>Names in rules that are no system calls, or none here.</summary>
internal sealed class NameCheck(SeccompProfile profile, SeccompTarget target, DiagnosticBag bag)
{
    private const int Shown = 8;

    public void Check(ImmutableArray<ArchRules> archs)
    {
        var elsewhere = new Dictionary<string, SyscallName>();
        foreach (var rule in profile.Rules)
            foreach (var name in rule.Names)
                if (!SyscallTable.IsKnownAnywhere(name.Name) && target.PassesUnknown && rule.Action.LetsThrough && !profile.DefaultAction.LetsThrough)
                    bag.Warn(SeccompCodes.UnknownCall, $"{Spec.Shown.Text(name.Name)} is no system call that is known here, and stays forbidden", name.Span);
                else if (!SyscallTable.IsKnownAnywhere(name.Name))
                    bag.Error(SeccompCodes.UnknownCall, $"{Spec.Shown.Text(name.Name)} is no system call", name.Span, Suggestion.Hint(name.Name, archs.SelectMany(static a => a.Arch.Table.Names)));
                else if (ArchRules.Counts(rule, target) && archs.All(a => a.Arch.Table.Number(name.Name) is null))
                    elsewhere.TryAdd(name.Name, name);

        // A profile for many machines names the calls of all of them: one line tells what that comes to.
        if (elsewhere.Count > 0)
            bag.Warn(
                SeccompCodes.CallElsewhere,
                $"{(elsewhere.Count == 1 ? "a call" : $"{elsewhere.Count} calls")} of other architectures, without effect here: {string.Join(", ", elsewhere.Keys.Take(Shown))}{(elsewhere.Count > Shown ? ", …" : "")}",
                elsewhere.Values.First().Span);
    }
}
