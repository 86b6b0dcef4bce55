using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>How an apply ended.</summary>
public enum ApplyOutcome
{
    /// <summary>Everything was done and the kernel shows it (or there was nothing to do).</summary>
    Done,

    /// <summary>Something failed and everything that had been done was taken back.</summary>
    RolledBack,

    /// <summary>Something failed after a step that cannot be taken back, or taking back failed.</summary>
    Partial,

    /// <summary>Everything was done, some of it for good, and the kernel could not be read afterwards.</summary>
    Unverified,
}

/// <summary>One operation that the kernel refused; <paramref name="Id"/> is null for one that serves the instance.</summary>
public sealed record OperationFailure(ResourceId? Id, Operation Operation, KernelError Error);

/// <summary>One operation that was not performed; <paramref name="Id"/> is null for one that serves the instance.</summary>
public sealed record LeftOperation(ResourceId? Id, Operation Operation);

/// <summary>What the second look at the kernel found different.</summary>
/// <param name="Fields">Empty when the whole object is there but should not be, or the other way round.</param>
public sealed record VerificationFailure(ResourceId Id, string Text, ImmutableArray<FieldChange> Fields);

/// <summary>The outcome of an apply, with everything an operator needs to go on.</summary>
public sealed record ApplyResult(ApplyOutcome Outcome)
{
    /// <summary>Operations performed and not taken back.</summary>
    public int Performed { get; init; }

    public ImmutableArray<OperationFailure> Failures { get; init; } = [];

    public ImmutableArray<VerificationFailure> Unverified { get; init; } = [];

    /// <summary>What could not be taken back.</summary>
    public ImmutableArray<OperationFailure> UndoFailures { get; init; } = [];

    /// <summary>What differs from before although every undo succeeded: <c>To</c> is what it was, <c>From</c> what it is.</summary>
    public ImmutableArray<VerificationFailure> NotRestored { get; init; } = [];

    /// <summary>The unexpected error that ended the apply; null when there was none.</summary>
    public string? Broke { get; init; }

    /// <summary>Operations of the plan that were not performed, when the outcome is partial.</summary>
    public ImmutableArray<LeftOperation> Left { get; init; } = [];

    /// <summary>What the second look found: the touched resources as they now are; null when it did not come to it.</summary>
    public Findings? After { get; init; }

    /// <summary>Stopped by the user.</summary>
    public bool Interrupted { get; init; }
}
