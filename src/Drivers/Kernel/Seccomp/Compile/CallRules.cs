using System.Collections.Immutable;

namespace Provision.Kernel.Seccomp;

/// <summary>A rule that names a call, on one architecture.</summary>
/// <param name="Alternatives">Sets of comparisons; the rule matches when all of one set hold. One empty set: always.</param>
internal sealed record CallRule(SyscallName Name, SeccompRule Rule, SeccompAction Action, ImmutableArray<ImmutableArray<ResolvedTest>> Alternatives)
{
    public bool IsUnconditional => Alternatives is [{ IsEmpty: true }];
}

/// <summary>All that a profile says of one call of one architecture, in the profile's order.</summary>
/// <param name="Number">With the architecture's bit.</param>
internal sealed record CallRules(string Name, uint Number, SeccompAction Default, ImmutableArray<CallRule> All)
{
    /// <summary>Those that count: rules that say what the default says are dropped, as other runtimes drop them.</summary>
    public ImmutableArray<CallRule> Effective { get; } = [.. All.Where(r => r.Action != Default)];

    /// <summary>
    /// The verdict that no argument changes; null when arguments decide. A rule without comparisons beats those with
    /// them, and the first such rule beats later ones.
    /// </summary>
    public SeccompAction? Constant =>
        Effective.FirstOrDefault(static r => r.IsUnconditional)?.Action ?? (Effective.IsEmpty ? Default : null);

    /// <summary>
    /// True where some arguments may get through; with <paramref name="first"/> where that is the first of them. What
    /// cannot be told apart counts as getting through.
    /// </summary>
    public bool MayPass(ulong? first = null)
    {
        if (Constant is { } always)
            return always.LetsThrough;
        var met = Conditional.Where(c => first is not { } value || c.Tests.All(t => t.Index != 0 || t.Holds(value))).ToList();
        var surely = met.Any(c => !c.Action.LetsThrough && c.Tests.All(t => t.AlwaysHolds || (first is not null && t.Index == 0)));
        return !surely && (Default.LetsThrough || met.Any(static c => c.Action.LetsThrough && !c.Tests.Any(static t => t.NeverHolds)));
    }

    /// <summary>Comparisons and what they lead to, most severe first: where several match, the most severe counts.</summary>
    public IEnumerable<(ImmutableArray<ResolvedTest> Tests, SeccompAction Action)> Conditional =>
        Effective.Where(static r => !r.IsUnconditional)
            .SelectMany(static r => r.Alternatives.Select(a => (Tests: a, r.Action)))
            .OrderBy(static r => r.Action.Severity)
            .ThenBy(static r => r.Action.Value);
}
