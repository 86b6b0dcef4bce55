using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Bridge;

/// <summary>
/// The alias of a bridge that is not in its instance's group (changed by hand, or by a removal that was cut short): it
/// tells all that it recorded, and has to be written again with the group.
/// </summary>
internal sealed class HalfMark(IRecorded alias) : IRecorded
{
    public ObjectValue? Spec => alias.Spec;

    public bool? Matches(ValuePath path, Value? desired, ObjectValue spec) => alias.Matches(path, desired, spec);

    public bool MatchesAll(ObjectValue spec, DeletionPolicy deletionPolicy) => false;
}
