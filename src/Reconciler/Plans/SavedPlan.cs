using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>One change of a saved plan: what was read, and what was to be done.</summary>
public sealed record SavedChange(ResourceId Id, ChangeAction Action, string LiveDigest, ImmutableArray<string> Operations);

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
    public static SavedPlan Of(PlanResult result, PlanOptions options, string manifestDigest) => new(
        result.Plan.Scope,
        options,
        result.Findings.Desired,
        manifestDigest,
        Texts(result.Plan.Before),
        [.. result.Plan.Changes.Where(static c => !c.ObserveOnly)
            .Select(static c => new SavedChange(c.Id, c.Action, c.LiveDigest, Texts(c.Operations)))],
        Texts(result.Plan.After));

    /// <summary>What a plan made now would do differently, a line each; empty when it is the same plan.</summary>
    public IReadOnlyList<string> Moved(PlanResult now)
    {
        var moved = new List<string>();
        var other = Of(now, Options, ManifestDigest);
        var there = other.Changes.ToDictionary(static c => c.Id);
        foreach (var change in Changes)
            if (!there.Remove(change.Id, out var current))
                moved.Add($"{change.Id}: the plan was to {Verb(change.Action)} it; now there is nothing to do");
            else if (change.Action != current.Action)
                moved.Add($"{change.Id}: the plan was to {Verb(change.Action)} it, now it would be to {Verb(current.Action)} it");
            else
                moved.AddRange(Moved(change, current));
        moved.AddRange(there.Values.Select(static c => $"{c.Id}: the plan left it alone, now it would {Verb(c.Action)} it"));
        if (!Before.SequenceEqual(other.Before) || !After.SequenceEqual(other.After))
            moved.Add("the operations that prepare or tidy the instance differ");
        if (moved.Count == 0 && !Changes.Select(static c => c.Id).SequenceEqual(other.Changes.Select(static c => c.Id)))
            moved.Add("the order of the changes differs");
        return moved;
    }

    private static IEnumerable<string> Moved(SavedChange planned, SavedChange now)
    {
        var gone = planned.Operations.Except(now.Operations).ToList();
        var added = now.Operations.Except(planned.Operations).ToList();
        if (gone.Count > 0 || added.Count > 0)
            yield return $"{planned.Id}: its operations differ{List(", no longer: ", gone)}{List(", now also: ", added)}";
        else if (!planned.Operations.SequenceEqual(now.Operations))
            yield return $"{planned.Id}: the order of its operations differs";
        else if (planned.LiveDigest != now.LiveDigest)
            yield return $"{planned.Id}: its live state is no longer what the plan was made from";
    }

    private static string List(string title, List<string> items) => items.Count == 0 ? "" : title + string.Join("; ", items);

    private static string Verb(ChangeAction action) => action switch
    {
        ChangeAction.Create => "create",
        ChangeAction.Update => "update",
        ChangeAction.Replace => "replace",
        _ => "delete",
    };

    private static ImmutableArray<string> Texts(IEnumerable<Operation> operations) => [.. operations.Select(static o => o.Text)];
}
