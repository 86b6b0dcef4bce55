using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>
/// The order of a plan's operations. Stages run one after the other: what can be taken back first (creations and
/// updates, what is depended on first; then shrinking, dependents first), then removals (contents before
/// containers), then what comes in place of the removed and whatever depends on that.
/// </summary>
internal static class Schedule
{
    public static IReadOnlyList<IReadOnlyList<Track>> Of(Plan plan)
    {
        var active = plan.Changes.Where(static c => !c.ObserveOnly).ToList();
        var late = DependOnReplaced(active);

        var grow = new Dictionary<ResourceId, Track>();
        var shrink = new Dictionary<ResourceId, Track>();
        var remove = new Dictionary<ResourceId, Track>();
        var rebuild = new Dictionary<ResourceId, Track>();
        foreach (var change in active)
        {
            if (change.Removals > 0)
                remove[change.Id] = new Track(change.Id, change.Operations[..change.Removals]);
            var rest = change.Operations[change.Removals..];
            var turn = Enumerable.Range(0, rest.Length).FirstOrDefault(i => rest[i].AfterDependents || rest[i].Irreversible, rest.Length);
            if (late.Contains(change.Id))
                rebuild[change.Id] = new Track(change.Id, rest);
            else
            {
                grow[change.Id] = new Track(change.Id, rest[..turn]);
                shrink[change.Id] = new Track(change.Id, rest[turn..]);
            }
        }

        foreach (var change in active)
        {
            foreach (var needed in change.After)
            {
                Link(grow, change.Id, needed);
                Link(shrink, needed, change.Id);
                Link(rebuild, change.Id, needed);
                Link(remove, needed, change.Id);
            }

            foreach (var container in change.ContainedIn)
                Link(remove, container, change.Id);
        }

        return [Single(plan.Before), [.. grow.Values], [.. shrink.Values], [.. remove.Values], [.. rebuild.Values], Single(plan.After)];
    }

    private static HashSet<ResourceId> DependOnReplaced(List<ResourceChange> changes)
    {
        var late = changes.Where(static c => c.Action == ChangeAction.Replace).Select(static c => c.Id).ToHashSet();
        // Changes come in dependency order, so one pass finds what depends on a replaced resource at any distance.
        foreach (var change in changes)
            if (change.After.Any(late.Contains))
                late.Add(change.Id);
        return late;
    }

    private static void Link(Dictionary<ResourceId, Track> tracks, ResourceId waiting, ResourceId needed)
    {
        if (waiting != needed && tracks.TryGetValue(waiting, out var track) && tracks.TryGetValue(needed, out var first))
            track.WaitsFor.Add(first);
    }

    private static Track[] Single(IReadOnlyList<Operation> operations) => operations.Count == 0 ? [] : [new Track(null, operations)];
}
