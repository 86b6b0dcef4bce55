using System.Collections.Immutable;

namespace Provision.Kernel.Seccomp;

/// <summary>The words of a profile that are a closed set.</summary>
public static class SeccompWords
{
    /// <summary>SCMP_ACT_*.</summary>
    public static ImmutableArray<string> Actions { get; } = [.. RuleWords.Actions.Keys];

    /// <summary>SCMP_CMP_*.</summary>
    public static ImmutableArray<string> Comparisons { get; } = [.. RuleWords.Comparisons.Keys];
}
