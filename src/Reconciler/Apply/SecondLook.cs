using System.Collections.Immutable;
using Provision.Reconciler.Reports;
using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>
/// Reads the kernel again after an apply: whether it shows what was planned or, when all was taken back, what there
/// was before.
/// </summary>
internal sealed class SecondLook(Planner planner, PlanResult planned, PlanOptions options)
{
    private readonly ImmutableArray<ResourceChange> _changes = [.. planned.Plan.Changes.Where(static c => !c.ObserveOnly)];
    private readonly Dictionary<ResourceId, Comparison> _before = planned.Findings.Comparisons.ToDictionary(static c => c.Id);

    /// <summary>What differs from the plan; no findings when the kernel cannot be read.</summary>
    public (Findings? After, ImmutableArray<VerificationFailure> Failures) AtTheDone()
    {
        var touched = _changes.Select(static c => c.Id).ToHashSet();
        var (after, unreadable) = Look(touched, "cannot be read after the apply");
        return after is null ? (null, unreadable) : (after, [.. NotAsPlanned(after)]);
    }

    /// <summary>What differs from the state that the plan was made from, of the resources that operations were performed on.</summary>
    public (bool Read, ImmutableArray<VerificationFailure> Failures) AtTheUndone(IReadOnlySet<ResourceId> touched)
    {
        if (touched.Count == 0)
            return (true, []);
        var (after, unreadable) = Look(touched, "cannot be read after it was taken back");
        return after is null ? (false, unreadable) : (true, [.. NotAsBefore(after, touched)]);
    }

    private (Findings? After, ImmutableArray<VerificationFailure> Unreadable) Look(IReadOnlySet<ResourceId> touched, string what)
    {
        // A leftover may stand where its name's resource does not: only a look at everything finds it.
        var everything = _changes.Any(c => c.Action == ChangeAction.Delete && planned.Findings.Desired.Find(c.Id) is not null);
        try
        {
            return (planner.Look(planned.Findings.Desired, planned.Plan.Scope, options with { Only = everything ? null : touched }), []);
        }
        catch (KernelException unreadable)
        {
            return (null, [.. touched.Select(id => new VerificationFailure(id, $"{what}: {unreadable.Message}", []))]);
        }
    }

    private IEnumerable<VerificationFailure> NotAsPlanned(Findings after)
    {
        var converged = _changes.Where(static c => c.Action != ChangeAction.Delete).Select(static c => c.Id).ToHashSet();
        foreach (var comparison in after.Comparisons.Where(c => converged.Contains(c.Id)))
        {
            if (comparison.Problems.FirstOrDefault(static p => p.Severity == Severity.Error) is { } problem)
                yield return new VerificationFailure(comparison.Id, $"cannot be compared after the apply: {problem.Message}", []);
            else if (!comparison.Exists)
                yield return new VerificationFailure(comparison.Id, "is not there after the apply", []);
            else if (!comparison.Fields.IsEmpty)
                yield return new VerificationFailure(comparison.Id, "differs after the apply", comparison.Fields);
            else if (comparison.MarkMoved)
                yield return new VerificationFailure(comparison.Id, "does not carry its mark after the apply", []);
            else if (Blinded(comparison) is { Count: > 0 } paths)
                yield return new VerificationFailure(comparison.Id, $"{string.Join(", ", paths)} cannot be read any more after the apply", []);
        }

        var removed = _changes.Where(static c => c.Action == ChangeAction.Delete).Select(static c => (c.Id, c.Object)).ToHashSet();
        foreach (var live in after.Observed.Values.SelectMany(static o => o))
            if (live.Ownership != Ownership.Foreign && removed.Contains((live.Id, live.Object)))
                yield return new VerificationFailure(live.Id, $"{live.Object} is still there after the apply", []);
    }

    // Stated fields that the plan saw and that have no value to compare now.
    private List<string> Blinded(Comparison after)
    {
        var before = Before(after.Id)?.Live;
        if (before is null || after.Live is not { Unreadable.Count: > 0 } live)
            return [];
        return [.. SpecPaths.Of(planner.Drivers.For(after.Id.Kind).Schema.Fields, after.Resource.Spec)
            .Where(p => live.Unreadable.Keys.Any(p.Path.IsWithin) && !before.Unreadable.Keys.Any(p.Path.IsWithin))
            .Select(static p => p.Path.ToString())];
    }

    private IEnumerable<VerificationFailure> NotAsBefore(Findings after, IReadOnlySet<ResourceId> touched)
    {
        foreach (var now in after.Comparisons.Where(c => touched.Contains(c.Id)))
        {
            if (Before(now.Id) is not { } before)
                continue;
            if (before.Live is null != now.Live is null || before.Exists != now.Exists)
                yield return new VerificationFailure(now.Id, now.Live is null ? "is gone, and was there before" : $"{now.Live.Object} is there, and was not before", []);
            else if (now.Exists && Ours(now.Id, Moved(before, now)) is { Length: > 0 } fields)
                yield return new VerificationFailure(now.Id, "is not as it was before", fields);
            else if (before.MarkMoved != now.MarkMoved)
                yield return new VerificationFailure(now.Id, "does not carry the mark that it had before", []);
        }
    }

    // What somebody else changed meanwhile, in a field that this plan does not touch, is theirs and no failed undo.
    private ImmutableArray<FieldChange> Ours(ResourceId id, ImmutableArray<FieldChange> moved)
    {
        var planned = _changes.Where(c => c.Id == id).SelectMany(static c => c.Fields).Select(static f => f.Path.Root).ToHashSet();
        return [.. moved.Where(f => planned.Contains(f.Path.Root))];
    }

    // Declared fields, by what they lack of the manifest: what it lacked before it must lack again.
    private static ImmutableArray<FieldChange> Moved(Comparison before, Comparison now)
    {
        // What had no value before cannot be told to have moved: a controller that was enabled since shows its files.
        bool Readable(FieldChange field) => before.Live!.Live.Get(field.Path.Root) is not null;
        var (then, there) = (ByPath(before), ByPath(now));
        return
        [
            .. there.Values.Where(f => Readable(f) && (!then.TryGetValue(f.Path.ToString(), out var old) || !Equals(old.From, f.From)))
                .Select(f => f with { To = then.TryGetValue(f.Path.ToString(), out var old) ? old.From : f.To }),
            .. then.Values.Where(f => Readable(f) && !there.ContainsKey(f.Path.ToString())).Select(static f => f with { From = f.To, To = f.From }),
        ];
    }

    private static Dictionary<string, FieldChange> ByPath(Comparison comparison) =>
        comparison.Fields.ToDictionary(static f => f.Path.ToString(), StringComparer.Ordinal);

    private Comparison? Before(ResourceId id) => _before.GetValueOrDefault(id);
}
