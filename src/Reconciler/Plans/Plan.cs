using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Reconciler;

public enum ChangeAction
{
    Create,
    Update,
    Replace,
    Delete,
}

/// <summary>
/// What is done to one object, and why. Two changes can have one resource's name: an unfinished creation that is
/// removed comes after the change of the resource itself.
/// </summary>
/// <param name="After">Resources whose changes must be done first.</param>
/// <param name="LiveDigest">SHA-256 (hex) of the live state that the plan was made from.</param>
public sealed record ResourceChange(
    ResourceId Id,
    ChangeAction Action,
    SourceSpan Source,
    ImmutableArray<FieldChange> Fields,
    ImmutableArray<Operation> Operations,
    ImmutableArray<ResourceId> After,
    string LiveDigest)
{
    /// <summary>The kernel's name of the object that is there; null where it is yet to be made.</summary>
    public string? Object { get; init; }

    /// <summary>Why it is done, where the fields do not say it: "no longer in the manifests", "unfinished creation".</summary>
    public string? Reason { get; init; }

    /// <summary>Only reported (<c>managementPolicy: Observe</c>): no operations.</summary>
    public bool ObserveOnly { get; init; }

    /// <summary>How many of the operations, from the first, take the old object away (replace, delete).</summary>
    public int Removals { get; init; }

    /// <summary>Resources whose live objects contain this one's: theirs are removed after it.</summary>
    public ImmutableArray<ResourceId> ContainedIn { get; init; } = [];
}

/// <summary>An owned object of the stack that no manifest names.</summary>
public sealed record Orphan(ResourceId Id, string Object);

/// <summary>Something the reader of a plan should know: a dropped field that keeps its live value, a warning.</summary>
public sealed record Note(ResourceId Id, string Text);

/// <summary>
/// The whole instruction to an apply: immutable, made from one snapshot. Apply performs
/// <see cref="Before"/>, the operations of <see cref="Changes"/> in the order of their dependencies, and
/// <see cref="After"/>, and nothing else.
/// </summary>
public sealed record Plan(
    Scope Scope,
    ImmutableArray<Operation> Before,
    ImmutableArray<ResourceChange> Changes,
    ImmutableArray<Operation> After,
    ImmutableArray<Orphan> Orphans,
    ImmutableArray<Note> Notes,
    int Unchanged)
{
    /// <summary>True when an apply would do nothing.</summary>
    public bool IsEmpty => Before.IsEmpty && After.IsEmpty && Changes.All(static c => c.ObserveOnly);

    public int Count(ChangeAction action) => Changes.Count(c => c.Action == action && !c.ObserveOnly);
}
