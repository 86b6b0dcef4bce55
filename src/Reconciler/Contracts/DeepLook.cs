using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>What a closer look into what runs found. It stands in for what was read of these fields from outside.</summary>
public sealed record DeepLook(ImmutableArray<DeepField> Fields, ImmutableArray<DeepDifference> Differences);

/// <summary>A field that was looked at.</summary>
/// <param name="Notes">Why it is not surer, or what was left out, a line each.</param>
public sealed record DeepField(ValuePath Path, Evidence Read, ImmutableArray<string> Notes);

/// <param name="Object">The kernel's name for what differs: <c>process 4711</c>.</param>
/// <param name="Details">What the values alone do not tell, a line each.</param>
public sealed record DeepDifference(
    string Object, ValuePath Path, Value? Expected, Value? Actual, Evidence Read, ImmutableArray<string> Details);
