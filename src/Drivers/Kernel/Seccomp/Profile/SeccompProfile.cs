using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Kernel.Seccomp;

/// <summary>
/// A seccomp profile in the shape of the OCI runtime specification (config-linux.md, Seccomp), with the conditions
/// that Docker and Podman add to it.
/// </summary>
public sealed record SeccompProfile
{
    public required SeccompAction DefaultAction { get; init; }

    /// <summary>Architectures named outright; the target's own counts as named.</summary>
    public ImmutableArray<SeccompArch> Architectures { get; init; } = [];

    /// <summary>Which architectures come with a native one.</summary>
    public ImmutableArray<(SeccompArch Native, ImmutableArray<SeccompArch> Others)> ArchMap { get; init; } = [];

    public ImmutableArray<SeccompRule> Rules { get; init; } = [];

    /// <summary>SECCOMP_FILTER_FLAG_*, without NEW_LISTENER.</summary>
    public uint Flags { get; init; }

    /// <summary>Somebody answers what SCMP_ACT_NOTIFY asks.</summary>
    public bool HasListener { get; init; }

    /// <summary>Where the profile begins.</summary>
    public SourceSpan Span { get; init; } = SourceSpan.None;
}

/// <summary>One item of <c>syscalls</c>.</summary>
/// <param name="Tests">All must hold; with one index twice any of them is enough (as runc and crun do).</param>
public sealed record SeccompRule(
    ImmutableArray<SyscallName> Names, SeccompAction Action, ImmutableArray<ArgumentTest> Tests,
    RuleCondition Includes, RuleCondition Excludes, SourceSpan Span)
{
    internal bool RepeatsAnIndex => Tests.Select(static t => t.Index).Distinct().Count() < Tests.Length;
}

/// <summary>A name as written; it may be no system call at all.</summary>
public readonly record struct SyscallName(string Name, SourceSpan Span);

/// <summary>A comparison of an argument register, unsigned.</summary>
/// <param name="Index">From 0 to 5.</param>
/// <param name="Value">The operand; the mask for <see cref="Comparison.MaskedEqual"/>.</param>
/// <param name="ValueTwo">What the masked argument is to be; else 0.</param>
public sealed record ArgumentTest(int Index, Comparison Comparison, ulong Value, ulong ValueTwo, SourceSpan Span);

public enum Comparison
{
    NotEqual,
    Less,
    AtMost,
    Equal,
    AtLeast,
    Greater,

    /// <summary><c>(argument &amp; value) == valueTwo</c>.</summary>
    MaskedEqual,
}

/// <summary>When a rule counts (<c>includes</c>) or does not (<c>excludes</c>): empty parts ask nothing.</summary>
/// <param name="Capabilities">A mask; an include needs all of them, an exclude any.</param>
/// <param name="Architectures">Names such as amd64, of the target itself; unknown ones match nothing.</param>
/// <param name="MinKernel">Lowest kernel version.</param>
public sealed record RuleCondition(ulong Capabilities, ImmutableArray<string> Architectures, Version? MinKernel)
{
    public static readonly RuleCondition None = new(0, [], null);

    internal bool Includes(SeccompTarget target) =>
        (target.Capabilities & Capabilities) == Capabilities &&
        (Architectures.IsEmpty || Architectures.Contains(ArchInfo.Of(target.Arch).Name)) &&
        (MinKernel is null || target.Kernel >= MinKernel);

    internal bool Excludes(SeccompTarget target) =>
        (target.Capabilities & Capabilities) != 0 ||
        Architectures.Contains(ArchInfo.Of(target.Arch).Name) ||
        (MinKernel is not null && target.Kernel >= MinKernel);
}
