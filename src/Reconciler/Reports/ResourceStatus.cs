using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Reconciler.Reports;

/// <summary>How a resource stands; the words of <c>provision/status/v1</c>.</summary>
public enum ResourceState
{
    /// <summary>The kernel shows what the manifest says.</summary>
    Current,

    /// <summary>The manifest has not been applied as it now is, or a creation was cut short.</summary>
    InProgress,

    /// <summary>It cannot be brought about.</summary>
    Failed,

    /// <summary>The kernel moved away from the manifest.</summary>
    Drifted,

    NotFound,

    /// <summary>There is nothing to compare it with.</summary>
    Unknown,
}

/// <summary>One thing that is (or is not) so of a resource.</summary>
/// <param name="Type"><c>Synced</c>, <c>Drifted</c>, <c>Missing</c>, <c>Conflict</c>, <c>FeatureMissing</c> (this host or
/// kernel lacks it), <c>Advisory</c> (good to know), or what the agent says (<c>Contended</c>).</param>
/// <param name="Since">As the agent wrote it; null when nobody watched.</param>
public sealed record Condition(string Type, bool Holds, string? Reason, string Message, string? Since = null);

/// <param name="Object">The kernel's name for it; null when it is not there.</param>
public sealed record ResourceStatus(
    ResourceId Id, ResourceState State, string? Object, string Message, ImmutableArray<Condition> Conditions)
{
    /// <summary>What the kind tells besides: <c>pid</c>, <c>restarts</c>; empty for most.</summary>
    public ObjectValue Facts { get; init; } = ObjectValue.Empty;
}
