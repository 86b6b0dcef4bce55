using System.Collections.Immutable;

namespace Provision.Kernel.Seccomp;

/// <summary>What a profile does with the calls of one architecture.</summary>
/// <param name="Allowed">Calls that are let through whatever their arguments.</param>
/// <param name="ByArguments">Calls that arguments decide.</param>
/// <param name="Refused">The other calls of the architecture.</param>
public sealed record ArchSummary(SeccompArch Arch, int Allowed, int ByArguments, int Refused);

public static class SeccompSummary
{
    /// <summary>One row for every architecture that is filtered.</summary>
    public static ImmutableArray<ArchSummary> Of(SeccompProfile profile, SeccompTarget target) =>
        [.. SeccompCompiler.Resolve(profile, target).Select(static rules =>
        {
            var verdicts = rules.Arch.Table.Numbers.Select(n => rules.Constant(rules.Arch.Table.Name(n)!)).ToList();
            var allowed = verdicts.Count(static v => v is { LetsThrough: true });
            var open = verdicts.Count(static v => v is null);
            return new ArchSummary(rules.Arch.Arch, allowed, open, verdicts.Count - allowed - open);
        })];
}
