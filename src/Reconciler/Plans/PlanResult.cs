using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>A plan, or why there can be none. With errors nothing may be applied.</summary>
public sealed record PlanResult(Plan Plan, Findings Findings, ImmutableArray<Diagnostic> Diagnostics)
{
    /// <summary>The resources that the errors are about: without them there is a plan for the rest.</summary>
    public ImmutableDictionary<ResourceId, Diagnostic> Refused { get; init; } = ImmutableDictionary<ResourceId, Diagnostic>.Empty;

    public bool HasErrors => Diagnostics.Any(static d => d.Severity == Severity.Error);
}
