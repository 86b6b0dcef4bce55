using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Kernel.Seccomp;

/// <summary>What a profile says that its author cannot have meant, told on the line that says it.</summary>
internal sealed class ProfileCheck(SeccompProfile profile, SeccompTarget target, DiagnosticBag bag)
{
    private readonly HashSet<object> _told = new(ReferenceEqualityComparer.Instance);

    public void Check(ImmutableArray<ArchRules> archs)
    {
        new NameCheck(profile, target, bag).Check(archs);
        foreach (var rule in profile.Rules.Where(r => ArchRules.Counts(r, target) && r.RepeatsAnIndex))
            bag.Warn(
                SeccompCodes.RepeatedIndex,
                "one argument is compared twice in a rule: any one of the rule's comparisons is enough, not all of them",
                rule.Tests[1].Span,
                "write one rule each where that is meant; a range that must hold on both sides cannot be written in a profile");
        foreach (var arch in archs)
        {
            foreach (var call in arch.Calls.Values)
            {
                Shadowed(call);
                foreach (var rule in call.Effective)
                    foreach (var test in rule.Alternatives.SelectMany(static a => a))
                        Test(arch.Arch, call, rule, test);
            }

            new BypassCheck(arch, bag).Check();
        }

        Needed(archs);
    }

    // A rule that allows and one that denies match together, and the one that allows is what counts.
    private void Shadowed(CallRules call)
    {
        foreach (var deny in call.All)
        {
            if (Winner(call, deny) is not { } winner || !_told.Add(deny.Rule))
                continue;
            var hint = winner.Name.Span.Line > 0 ? $"the other rule is on line {winner.Name.Span.Line}" : null;
            if (winner.IsUnconditional && deny.IsUnconditional)
                bag.Warn(SeccompCodes.Contradiction, $"{call.Name} is allowed by one rule and denied by another: {winner.Action} counts", deny.Name.Span, hint);
            else
                bag.Error(
                    SeccompCodes.ShadowedDeny,
                    $"{call.Name}: {deny.Action} never happens where {winner.Action} of another rule beats it" +
                        (winner.IsUnconditional ? "" : ", because a rule that says what the default says is dropped"),
                    deny.Name.Span, hint);
        }
    }

    private static CallRule? Winner(CallRules call, CallRule deny)
    {
        var always = call.Effective.FirstOrDefault(static r => r.IsUnconditional);
        if (always is not null)
            return always.Action.Severity > deny.Action.Severity ? always : null;
        return deny.Action == call.Default ? call.Effective.FirstOrDefault(r => r.Action.Severity > deny.Action.Severity && Meet(r, deny)) : null;
    }

    private static bool Meet(CallRule one, CallRule other) =>
        one.Alternatives.Any(a => other.Alternatives.Any(b => Meet(a, b)));

    private static bool Meet(ImmutableArray<ResolvedTest> one, ImmutableArray<ResolvedTest> other) =>
        one.Concat(other).GroupBy(static t => t.Index).All(static tests =>
            tests.SelectMany(static t => t.Edges).Any(value => tests.All(t => t.Holds(value))));

    private void Test(ArchInfo arch, CallRules call, CallRule rule, ResolvedTest test)
    {
        // On a 32-bit machine a 64-bit operand only says nothing; on a 64-bit one it is a mistake.
        if (test.NeverHolds && arch.Registers == 64 && _told.Add(test.Source))
            bag.Error(
                SeccompCodes.NeverHolds,
                test.Value > test.Most && test.Bits < 64
                    ? $"{call.Name}: argument {test.Index} has {test.Bits} bits, it is never {Word(test)} {test.Value}"
                    : $"{call.Name}: no argument meets this comparison",
                test.Source.Span,
                test.Value > test.Most && test.Bits == 32 ? $"-1 of an int is {uint.MaxValue}" : null);
        if (test.Bits < arch.Registers && Defeated(call, rule, test) && _told.Add(test.Source))
            bag.Warn(
                SeccompCodes.NarrowArgument,
                $"{call.Name}: the kernel takes {test.Bits} bits of argument {test.Index}, a filter sees 64; the comparison is compiled for {test.Bits} bits, other runtimes let a set higher bit defeat it",
                test.Source.Span);
    }

    // Would bits that the kernel cuts off turn a comparison of the whole register to the milder verdict?
    private static bool Defeated(CallRules call, CallRule rule, ResolvedTest test) =>
        rule.Action.Severity > call.Default.Severity
            ? test.Comparison is Comparison.Greater or Comparison.AtLeast or Comparison.NotEqual
            : test.Comparison is Comparison.Less or Comparison.AtMost or Comparison.Equal;

    private static string Word(ResolvedTest test) => test.Comparison switch
    {
        Comparison.Greater => "greater than",
        Comparison.AtLeast => "at least",
        _ => "equal to",
    };

    private void Needed(ImmutableArray<ArchRules> archs)
    {
        var native = archs.FirstOrDefault(a => a.Arch.Arch == target.Arch);
        var missing = target.Needed.Where(n => native?.Constant(n) is not { LetsThrough: true }).ToList();
        if (missing.Count > 0)
            bag.Error(
                SeccompCodes.NoExecve,
                $"{string.Join(", ", missing)} {(missing.Count == 1 ? "is" : "are")} not allowed on {ArchInfo.Of(target.Arch).Name}: the filter is loaded before the container's program is started",
                profile.Span,
                missing is ["execve"] ? "allow execve without comparing arguments" : "allow them without comparing arguments, or set noNewPrivileges: the filter is then loaded last");
    }
}
