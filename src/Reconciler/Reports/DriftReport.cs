using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Reconciler.Reports;

/// <summary>How sure a row is: read from the kernel, from what we recorded, or only counted.</summary>
public enum Confidence
{
    Kernel,
    Recorded,
    CountOnly,
}

/// <summary>One field in which the kernel moved away from the manifests.</summary>
/// <param name="Path">Null when the whole object is missing.</param>
/// <param name="Expected">Null when nothing should be there.</param>
/// <param name="Actual">Null when nothing is there.</param>
/// <param name="Method">How it was read: <c>rtnetlink</c>.</param>
public sealed record DriftRow(
    ResourceId Id, string Object, ValuePath? Path, Value? Expected, Value? Actual, string Method, Confidence Confidence);

/// <summary>The fields of one resource that were compared.</summary>
public sealed record CheckedFields(ResourceId Id, ImmutableArray<string> Fields, string Method);

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
