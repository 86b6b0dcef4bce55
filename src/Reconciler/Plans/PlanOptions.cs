namespace Provision.Reconciler;

/// <summary>What a plan may contain beyond creating and updating.</summary>
public sealed record PlanOptions
{
    /// <summary>Delete owned objects of the stack that no manifest names; otherwise they are listed.</summary>
    public bool Prune { get; init; }

    /// <summary>Prune even when nothing of the stack would be left.</summary>
    public bool PruneAll { get; init; }

    /// <summary>Accept what is refused by default, such as lowering a limit under its use.</summary>
    public bool Force { get; init; }

    /// <summary>Look only at these resources (an agent's suspects): no orphans are sought.</summary>
    public IReadOnlySet<Spec.ResourceId>? Only { get; init; }

    /// <summary>Leave these resources, and their objects, out of the plan: what an agent holds back for a while.</summary>
    public IReadOnlySet<Spec.ResourceId> Except { get; init; } = new HashSet<Spec.ResourceId>();

    /// <summary>Whether an object that is not there was applied before; tells a deletion by hand from a first creation.</summary>
    public Func<Spec.ResourceId, bool>? WasApplied { get; init; }
}
