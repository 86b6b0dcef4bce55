using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>A mark with room for the whole spec last applied (a cgroup's xattr, 64 KiB).</summary>
/// <param name="spec">The effective spec as recorded; null when it cannot be read.</param>
/// <param name="deletionPolicy">The policy as recorded.</param>
public sealed class RecordedSpec(ObjectValue? spec, DeletionPolicy deletionPolicy) : IRecorded
{
    public ObjectValue? Spec => spec;

    public bool? Matches(ValuePath path, Value? desired, ObjectValue current) =>
        spec is null ? null : Equals(path.In(spec), desired);

    public bool MatchesAll(ObjectValue current, DeletionPolicy policy) => policy == deletionPolicy && current.Equals(spec);
}
