using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>
/// The order of a plan's operations. Stages run one after the other: what can be taken back first (creations and
/// updates, what is depended on first; then shrinking, dependents first), then removals (contents before
/// containers), then the shrinking of what had removed things in it, and what comes in place of the removed with whatever
/// depends on that.
/// </summary>
internal static class Schedule
{
    public static IReadOnlyList<IReadOnlyList<Track>> Of(Plan plan)
    {
        var active = plan.Changes.Where(static c => !c.ObserveOnly).ToList();
        var late = DependOnReplaced(active);

        var emptied = Emptied(active);
        var stages = active.ConvertAll(change => new Turns(change, late.Contains(change.Id), emptied.Contains(change.Id)));
        // Of two changes with one name the first is the resource's own: dependencies mean that one.
        var own = new Dictionary<ResourceId, Turns>();
        foreach (var turns in stages)
            own.TryAdd(turns.Change.Id, turns);

        foreach (var turns in stages)
        {
            foreach (var needed in turns.Change.After)
            {
                if (!own.TryGetValue(needed, out var first) || first == turns)
                    continue;
                Link(turns.Grow, first.Grow);
                Link(first.Shrink, turns.Shrink);
                Link(first.ShrinkEmptied, turns.ShrinkEmptied);
                Link(turns.Rebuild, first.Rebuild);
                Link(first.Remove, turns.Remove);
            }

            foreach (var container in turns.Change.ContainedIn)
                if (own.TryGetValue(container, out var outer) && outer != turns)
                    Link(outer.Remove, turns.Remove);
        }

        return
        [
            Single(plan.Before),
            Stage(static t => t.Grow), Stage(static t => t.Shrink), Stage(static t => t.Remove),
            Stage(static t => t.ShrinkEmptied), Stage(static t => t.Rebuild),
            Single(plan.After),
        ];

        Track[] Stage(Func<Turns, Track?> track) => [.. stages.Select(track).OfType<Track>()];
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

    // What loses a thing that lies in it, and what it lies in itself: as long as that thing is there, it can keep them from shrinking.
    private static HashSet<ResourceId> Emptied(List<ResourceChange> changes)
    {
        var emptied = changes.Where(static c => c.Removals > 0).SelectMany(static c => c.ContainedIn).ToHashSet();
        foreach (var change in Enumerable.Reverse(changes))
            if (emptied.Contains(change.Id))
                emptied.UnionWith(change.After);
        return emptied;
    }

    private static void Link(Track? waiting, Track? needed)
    {
        if (waiting is not null && needed is not null)
            waiting.WaitsFor.Add(needed);
    }

    private static Track[] Single(IReadOnlyList<Operation> operations) => operations.Count == 0 ? [] : [new Track(null, operations)];

    /// <summary>The operations of one change, by the stage in which they run.</summary>
    private sealed class Turns
    {
        public Turns(ResourceChange change, bool late, bool emptied)
        {
            Change = change;
            if (change.Removals > 0)
                Remove = new Track(change.Id, change.Operations[..change.Removals]);
            var rest = change.Operations[change.Removals..];
            if (late)
            {
                Rebuild = new Track(change.Id, rest);
                return;
            }

            var turn = Enumerable.Range(0, rest.Length).FirstOrDefault(i => rest[i].AfterDependents || rest[i].Irreversible, rest.Length);
            Grow = new Track(change.Id, rest[..turn]);
            var shrink = new Track(change.Id, rest[turn..]);
            Shrink = emptied ? null : shrink;
            ShrinkEmptied = emptied ? shrink : null;
        }

        public ResourceChange Change { get; }

        public Track? Grow { get; }

        public Track? Shrink { get; }

        public Track? ShrinkEmptied { get; }

        public Track? Remove { get; }

        public Track? Rebuild { get; }
    }
}
