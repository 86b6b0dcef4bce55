using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Reconciler.Reports;

/// <summary>One field in which the kernel moved away from the manifests.</summary>
/// <param name="Path">Null when the whole object is missing.</param>
/// <param name="Expected">Null when nothing should be there.</param>
/// <param name="Actual">Null when nothing is there.</param>
public sealed record DriftRow(
    ResourceId Id, string Object, ValuePath? Path, Value? Expected, Value? Actual, Evidence Read)
{
    /// <summary>What the values alone do not tell, a line each.</summary>
    public ImmutableArray<string> Details { get; init; } = [];
}

/// <summary>The fields of one resource that were compared and were read alike.</summary>
public sealed record CheckedFields(ResourceId Id, ImmutableArray<string> Fields, Evidence Read)
{
    /// <summary>Why it is not surer, or what was left out.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];
}

/// <summary>A field (or with an empty path a whole resource) that was not compared, and why.</summary>
public sealed record SkippedField(ResourceId Id, string Path, string Why);

/// <summary>
/// What drifted, and what makes an empty report evidence: every field of every resource is in exactly one of
/// checked, unchecked and exempt.
/// </summary>
/// <param name="Pending">Fields that differ because the manifest moved and was not applied yet: no drift.</param>
/// <param name="Problems">Why resources could not be compared.</param>
public sealed record DriftReport(
    Scope Scope,
    ImmutableArray<DriftRow> Rows,
    ImmutableArray<CheckedFields> Checked,
    ImmutableArray<SkippedField> Unchecked,
    ImmutableArray<SkippedField> Exempt,
    ImmutableArray<SkippedField> Pending,
    ImmutableArray<Diagnostic> Problems)
{
    public bool HasDrift => !Rows.IsEmpty;
}
