using System.Collections.Immutable;
using Provision.Reconciler.Reports;
using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>One change of a saved plan: what was read, and what was to be done.</summary>
public sealed record SavedChange(ResourceId Id, ChangeAction Action, string LiveDigest, ImmutableArray<SavedOperation> Operations);

/// <summary>One operation of a saved plan.</summary>
/// <param name="Text">What plans are compared by; may hold secrets.</param>
/// <param name="Shown">What messages say instead.</param>
public readonly record struct SavedOperation(string Text, string Shown);

/// <summary>
/// A plan as written by <c>plan --out</c>: the resolved manifests, and what the plan made of them. An apply plans
/// anew from the live kernel and goes on only when the outcome is the same, operation by operation.
/// </summary>
/// <param name="ManifestDigest">SHA-256 (hex) of the manifests it was made from.</param>
public sealed record SavedPlan(
    Scope Scope,
    PlanOptions Options,
    ResourceSet Desired,
    string ManifestDigest,
    ImmutableArray<string> Before,
    ImmutableArray<SavedChange> Changes,
    ImmutableArray<string> After)
{
    public static SavedPlan Of(PlanResult result, PlanOptions options, string manifestDigest, DriverRegistry drivers) => new(
        result.Plan.Scope,
        options,
        result.Findings.Desired,
        manifestDigest,
        Texts(result.Plan.Before),
        [.. result.Plan.Changes.Where(static c => !c.ObserveOnly)
            .Select(c => new SavedChange(c.Id, c.Action, c.LiveDigest, Saved(c, new ShownOperation(drivers))))],
        Texts(result.Plan.After));

    /// <summary>What a plan made now would do differently, a line each; empty when it is the same plan.</summary>
    public IReadOnlyList<string> Moved(PlanResult now, DriverRegistry drivers)
    {
        var moved = new List<string>();
        var other = Of(now, Options, ManifestDigest, drivers);
        var there = Numbered(other.Changes).ToDictionary(static c => c.Key, static c => c.Change);
        foreach (var (key, change) in Numbered(Changes))
            if (!there.Remove(key, out var current))
                moved.Add($"{change.Id}: the plan was to {ChangeJson.Word(change.Action)} it; now there is nothing to do");
            else if (change.Action != current.Action)
                moved.Add($"{change.Id}: the plan was to {ChangeJson.Word(change.Action)} it, now it would be to {ChangeJson.Word(current.Action)} it");
            else
                moved.AddRange(Moved(change, current));
        moved.AddRange(there.Values.Select(static c => $"{c.Id}: the plan left it alone, now it would {ChangeJson.Word(c.Action)} it"));
        if (!Before.SequenceEqual(other.Before) || !After.SequenceEqual(other.After))
            moved.Add("the operations that prepare or tidy the instance differ");
        if (moved.Count == 0 && !Changes.Select(static c => c.Id).SequenceEqual(other.Changes.Select(static c => c.Id)))
            moved.Add("the order of the changes differs");
        return moved;
    }

    // A resource's own change and the removal of a leftover can have one name, in this order.
    private static IEnumerable<((ResourceId Id, int Nth) Key, SavedChange Change)> Numbered(IEnumerable<SavedChange> changes) =>
        changes.GroupBy(static c => c.Id).SelectMany(static g => g.Select(static (c, i) => ((c.Id, i), c)));

    private static IEnumerable<string> Moved(SavedChange planned, SavedChange now)
    {
        var gone = planned.Operations.ExceptBy(now.Operations.Select(static o => o.Text), static o => o.Text).ToList();
        var added = now.Operations.ExceptBy(planned.Operations.Select(static o => o.Text), static o => o.Text).ToList();
        if (gone.Count > 0 || added.Count > 0)
            yield return $"{planned.Id}: its operations differ{List(", no longer: ", gone)}{List(", now also: ", added)}";
        else if (!planned.Operations.Select(static o => o.Text).SequenceEqual(now.Operations.Select(static o => o.Text)))
            yield return $"{planned.Id}: the order of its operations differs";
        else if (planned.LiveDigest != now.LiveDigest)
            yield return $"{planned.Id}: its live state is no longer what the plan was made from";
    }

    private static string List(string title, List<SavedOperation> items) =>
        items.Count == 0 ? "" : title + string.Join("; ", items.Select(static o => o.Shown));

    private static ImmutableArray<SavedOperation> Saved(ResourceChange change, ShownOperation shown) =>
        [.. change.Operations.Select(o => new SavedOperation(o.Text, shown.Text(change.Id, o)))];

    private static ImmutableArray<string> Texts(IEnumerable<Operation> operations) => [.. operations.Select(static o => o.Text)];
}
