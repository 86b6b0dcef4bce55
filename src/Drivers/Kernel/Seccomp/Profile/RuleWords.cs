using System.Collections.Immutable;

namespace Provision.Kernel.Seccomp;

/// <summary>What a rule does, before its number is known.</summary>
internal enum Verdict
{
    None,
    KillProcess,
    KillThread,
    Trap,
    Errno,
    Trace,
    Notify,
    Log,
    Allow,
}

/// <summary>The words of OCI's config-linux.md, Seccomp; of several for one thing the first is the one that is written.</summary>
internal static class RuleWords
{
    public static readonly ImmutableSortedDictionary<string, Verdict> Actions = new Dictionary<string, Verdict>
    {
        ["SCMP_ACT_ALLOW"] = Verdict.Allow,
        ["SCMP_ACT_ERRNO"] = Verdict.Errno,
        ["SCMP_ACT_KILL_PROCESS"] = Verdict.KillProcess,
        ["SCMP_ACT_KILL_THREAD"] = Verdict.KillThread,
        ["SCMP_ACT_KILL"] = Verdict.KillThread,
        ["SCMP_ACT_TRAP"] = Verdict.Trap,
        ["SCMP_ACT_TRACE"] = Verdict.Trace,
        ["SCMP_ACT_LOG"] = Verdict.Log,
        ["SCMP_ACT_NOTIFY"] = Verdict.Notify,
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    public static readonly ImmutableSortedDictionary<string, Comparison> Comparisons = new Dictionary<string, Comparison>
    {
        ["SCMP_CMP_EQ"] = Comparison.Equal,
        ["SCMP_CMP_NE"] = Comparison.NotEqual,
        ["SCMP_CMP_LT"] = Comparison.Less,
        ["SCMP_CMP_LE"] = Comparison.AtMost,
        ["SCMP_CMP_GE"] = Comparison.AtLeast,
        ["SCMP_CMP_GT"] = Comparison.Greater,
        ["SCMP_CMP_MASKED_EQ"] = Comparison.MaskedEqual,
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    public static readonly ImmutableSortedDictionary<string, uint> Flags = new Dictionary<string, uint>
    {
        ["SECCOMP_FILTER_FLAG_TSYNC"] = SeccompProgram.FlagTsync,
        ["SECCOMP_FILTER_FLAG_LOG"] = SeccompProgram.FlagLog,
        ["SECCOMP_FILTER_FLAG_SPEC_ALLOW"] = SeccompProgram.FlagSpecAllow,
        ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"] = SeccompProgram.FlagWaitKillable,
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>What leads to an action.</summary>
    public static Verdict VerdictOf(SeccompAction action) => action switch
    {
        _ when action == SeccompAction.KillProcess => Verdict.KillProcess,
        _ when action == SeccompAction.Allow => Verdict.Allow,
        _ when action == SeccompAction.Log => Verdict.Log,
        _ when action.Kind == SeccompAction.Notify.Kind => Verdict.Notify,
        _ when action.Kind == SeccompAction.Trap.Kind => Verdict.Trap,
        _ when action.IsErrno => Verdict.Errno,
        _ when action.Kind == SeccompAction.Trace(0).Kind => Verdict.Trace,
        _ => Verdict.KillThread,
    };
}
