using System.Collections.Immutable;

namespace Provision.Kernel.Seccomp;

/// <summary>A profile's rules as they are on one architecture of a target.</summary>
/// <param name="Calls">Named calls by number, with the architecture's bit.</param>
/// <param name="Default">The profile's default verdict.</param>
/// <param name="Newest">The largest number named, arm's private calls apart; null when there is none.</param>
internal sealed record ArchRules(ArchInfo Arch, ImmutableSortedDictionary<uint, CallRules> Calls, SeccompAction Default, uint? Newest)
{
    // __ARM_NR_BASE: numbers that do not grow with the kernel.
    private const uint Private = 0x0f0000;

    /// <summary>
    /// The verdict on a call that no rule names. Calls that came after everything the profile knows return ENOSYS where
    /// the default returns an error, as with runc, so that a C library falls back to what the profile's author knew; a
    /// default that kills kills them too.
    /// </summary>
    public SeccompAction OfUnnamed(uint number) =>
        Default.IsErrno && number > Newest ? SeccompAction.Errno(SeccompAction.ENOSYS) : Default;

    public CallRules? Find(string name) =>
        Arch.Table.Number(name) is { } number ? Calls.GetValueOrDefault(number + Arch.Bit) : null;

    /// <summary>The verdict where no argument changes it; null where one does.</summary>
    public SeccompAction? Constant(string name) => Arch.Table.Number(name) is not { } number ? null
        : Calls.TryGetValue(number + Arch.Bit, out var rules) ? rules.Constant
        : OfUnnamed(number + Arch.Bit);

    /// <summary>True where the call gets through with some arguments (with <paramref name="first"/> as the first of them).</summary>
    public bool MayPass(string name, ulong? first = null) => Arch.Table.Number(name) is { } number
        && (Calls.TryGetValue(number + Arch.Bit, out var rules) ? rules.MayPass(first) : OfUnnamed(number + Arch.Bit).LetsThrough);

    public static ArchRules Resolve(SeccompProfile profile, SeccompTarget target, ArchInfo arch)
    {
        var found = new SortedDictionary<uint, List<CallRule>>();
        foreach (var rule in profile.Rules.Where(r => Counts(r, target)))
            foreach (var name in rule.Names)
                if (arch.Table.Number(name.Name) is { } number)
                {
                    if (!found.TryGetValue(number + arch.Bit, out var rules))
                        found.Add(number + arch.Bit, rules = []);
                    rules.Add(new CallRule(name, rule, rule.Action, Alternatives(rule, name.Name, arch, target.Literal)));
                }

        var calls = found.ToImmutableSortedDictionary(
            static f => f.Key,
            f => new CallRules(arch.Table.Name(f.Key - arch.Bit)!, f.Key, profile.DefaultAction, [.. f.Value]));
        return new ArchRules(arch, calls, profile.DefaultAction, calls.Keys.Where(n => n - arch.Bit < Private).Select(static n => (uint?)n).LastOrDefault());
    }

    public static bool Counts(SeccompRule rule, SeccompTarget target) =>
        rule.Includes.Includes(target) && !rule.Excludes.Excludes(target);

    private static ImmutableArray<ImmutableArray<ResolvedTest>> Alternatives(SeccompRule rule, string call, ArchInfo arch, bool literal)
    {
        var tests = rule.Tests.Select(t => ResolvedTest.Make(t, call, arch, literal));
        return rule.RepeatsAnIndex ? [.. tests.Select(static t => ImmutableArray.Create(t))] : [[.. tests]];
    }
}
