using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Cgroup;

/// <summary>Puts wanted changes into a live state: what the cgroup is to be after them, the rest as it is.</summary>
internal static class Overlay
{
    public static ObjectValue Apply(ObjectValue live, IEnumerable<FieldChange> changes) => changes.Aggregate(live, Apply);

    /// <summary>Every member of the second over the first.</summary>
    public static ObjectValue Over(ObjectValue below, ObjectValue above)
    {
        foreach (var (name, value) in above.Members)
            below = new ObjectValue(below.Members.SetItem(name,
                value is ObjectValue group && below[name] is ObjectValue under ? Over(under, group) : value));
        return below;
    }

    private static ObjectValue Apply(ObjectValue spec, FieldChange change)
    {
        var path = change.Path;
        if (path.Keys is not [var key])
            return spec.With(path.Field, change.To);
        var keyOf = ((ListType)path.Root.Type).Key!;
        var items = spec.List(path.Root).ToDictionary(keyOf);
        var item = path.IsItem ? change.To : (items.GetValueOrDefault(key) as ObjectValue ?? ObjectValue.Empty).With(path.Field, change.To);
        if (item is null)
            items.Remove(key);
        else
            items[key] = item;
        return spec.With(path.Root, new ListValue([.. items.OrderBy(static i => i.Key, StringComparer.Ordinal).Select(static i => i.Value)]));
    }
}
