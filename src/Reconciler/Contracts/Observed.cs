using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>What the kernel's marks say about an object.</summary>
public enum Ownership
{
    /// <summary>Carries a whole mark of this instance; <see cref="Observed.Stack"/> says whose.</summary>
    Owned,

    /// <summary>A creation of this instance that was cut short: ours to finish or to remove.</summary>
    Unfinished,

    /// <summary>Somebody else's: never changed unless a manifest adopts it.</summary>
    Foreign,
}

/// <summary>A live object that a resource names, or that carries this instance's mark.</summary>
/// <param name="Id">The resource that the mark names, else the one that asked for this object by name; an
/// unfinished creation nobody asked for is named after the object.</param>
/// <param name="Object">The kernel's name for it: a link name, a cgroup path.</param>
/// <param name="Live">Live state in the shape of the spec and in canonical units. Every field that can be read
/// is present, defaults included; what this kernel does not have is absent and listed in <see cref="Unreadable"/>.</param>
public sealed record Observed(ResourceId Id, string Object, Ownership Ownership, ObjectValue Live)
{
    /// <summary>
    /// There is no such object in the kernel, and nothing of it to compare: what the resource declares takes effect in
    /// others, where it is compared. Why, for people; null for what there is.
    /// </summary>
    public string? OnlyDeclared { get; init; }

    public string? Stack { get; init; }

    /// <summary>What the mark remembers of the spec last applied; null when there is no mark.</summary>
    public IRecorded? Recorded { get; init; }

    /// <summary>The deletion policy kept in the mark, for objects whose manifest is gone.</summary>
    public DeletionPolicy DeletionPolicy { get; init; }

    /// <summary>Resources that the mark says must outlive this one (its parent), for the order of deletion.</summary>
    public IReadOnlyList<ResourceId> DependsOn { get; init; } = [];

    /// <summary>Fields that could not be read, with the reason; reports list them as unchecked.</summary>
    public IReadOnlyDictionary<string, string> Unreadable { get; init; } = new Dictionary<string, string>();

    /// <summary>What reports tell of the object besides its spec (a process, its restarts), by their names; nothing that is compared.</summary>
    public ObjectValue Facts { get; init; } = ObjectValue.Empty;

    /// <summary>Why the object is not settled though nothing differs, or what else is to be known; null when there is nothing.</summary>
    public ObservedNote? Note { get; init; }

    /// <summary>What tells one life of the object from the next (its first process): sources of events follow what lives.</summary>
    public string? Life { get; init; }

    /// <summary>Other kernel objects whose events concern it, by the names that events use.</summary>
    public ImmutableArray<string> Related { get; init; } = [];

    /// <summary>How it was made, line by line, for people; made when it is asked for.</summary>
    public Func<IReadOnlyList<string>> Listing { get; init; } = static () => [];

    /// <summary>The driver's own typed state, handed back to it when it plans; the reconciler does not look inside.</summary>
    public object? State { get; init; }
}

/// <param name="Underway">The object is on its way: it waits to be started again.</param>
public sealed record ObservedNote(string Text, bool Underway);

/// <summary>What a mark remembers of the spec last applied: enough to tell a manifest that moved from a kernel that moved.</summary>
public interface IRecorded
{
    /// <summary>
    /// Whether the value recorded at the path equals this one; null when the mark cannot tell. A null value asks
    /// whether it was absent.
    /// </summary>
    /// <param name="path">A field, or a list item.</param>
    /// <param name="desired">What the manifest now says at the path.</param>
    /// <param name="spec">The whole of what the manifest now says.</param>
    bool? Matches(ValuePath path, Value? desired, ObjectValue spec);

    /// <summary>The recorded spec, where the mark has room for it; else null.</summary>
    ObjectValue? Spec => null;

    /// <summary>Whether the whole recorded spec equals this one (effective: with the schema's defaults).</summary>
    bool MatchesAll(ObjectValue spec, DeletionPolicy deletionPolicy);
}
