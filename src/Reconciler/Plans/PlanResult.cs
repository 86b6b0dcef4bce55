using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>A plan, or why there can be none. With errors nothing may be applied.</summary>
public sealed record PlanResult(Plan Plan, Findings Findings, ImmutableArray<Diagnostic> Diagnostics)
{
    public bool HasErrors => Diagnostics.Any(static d => d.Severity == Severity.Error);
}
