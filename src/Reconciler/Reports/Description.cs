using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Reconciler.Reports;

/// <summary>One field of a description.</summary>
/// <param name="Stated">As the manifest has it; null when it does not say.</param>
/// <param name="Desired">What a converged kernel shows; null when it is not compared.</param>
/// <param name="Note">Why it is not compared, or who moved; null when there is nothing to say.</param>
public sealed record DescribedField(ValuePath Path, Value? Stated, Value? Desired, Value? Live, string? Note);

/// <summary>Everything about one resource: manifest against kernel, ownership, what is pending, who depends on it.</summary>
/// <param name="Live">Null when there is no object.</param>
/// <param name="Resource">Null when no manifest names it.</param>
public sealed record Description(
    ResourceId Id,
    Resource? Resource,
    Observed? Live,
    ResourceStatus Status,
    ImmutableArray<DescribedField> Fields,
    ResourceChange? Change,
    ImmutableArray<ResourceId> DependsOn,
    ImmutableArray<ResourceId> Dependents,
    ImmutableArray<Diagnostic> Problems)
{
    /// <returns>Null when neither a manifest nor the kernel knows the resource.</returns>
    public static Description? Of(PlanResult result, ResourceId id, KindSchema schema, IReadOnlyCollection<AgentCondition> agent, bool withManifests)
    {
        var findings = result.Findings;
        var comparison = findings.Comparisons.FirstOrDefault(c => c.Id == id);
        var live = comparison?.Live ?? findings.Observed.GetValueOrDefault(id.Kind)?.FirstOrDefault(o => o.Id == id);
        if (comparison is null && live is null)
            return null;

        var dependents = findings.Desired.Ordered.Where(r => r.DependsOn.Contains(id)).Select(static r => r.Id)
            .Concat(findings.Observed.Values.SelectMany(static o => o).Where(o => o.DependsOn.Contains(id)).Select(static o => o.Id));
        IEnumerable<ResourceId> needed = comparison is null ? live!.DependsOn : comparison.Resource.DependsOn;
        var status = StatusBuilder.Of(findings, agent, withManifests).FirstOrDefault(s => s.Id == id)
            ?? new ResourceStatus(id, ResourceState.Unknown, live?.Object, $"belongs to stack {live?.Stack}", []);
        return new Description(
            id, comparison?.Resource, live, status,
            [.. SpecPaths.Leaves(schema.Fields).Select(f => Field(f, comparison, live)).Where(static f => f.Stated is not null || f.Live is not null || f.Note is not null)],
            result.Plan.Changes.FirstOrDefault(c => c.Id == id),
            [.. needed.Distinct()], [.. dependents.Distinct()],
            [.. comparison?.Problems ?? []]);
    }

    private static DescribedField Field(Field field, Comparison? comparison, Observed? live)
    {
        var path = ValuePath.Of(field);
        var note = comparison?.Exempt.Any(path.IsWithin) == true ? "ignored"
            : live?.Unreadable.FirstOrDefault(u => path.IsWithin(u.Key)).Value is { } why ? $"unreadable: {why}"
            : comparison is { Exists: true } && comparison.Fields.Where(c => c.Path.Root == field || c.Path.IsWithin(field.Path)).ToList() is { Count: > 0 } moved
                ? moved.Exists(static c => c.Cause == Cause.Drift) ? "drift" : "pending"
            : null;
        return new DescribedField(path, comparison?.Resource.Spec.Get(field), comparison?.Desired.Get(field), live?.Live.Get(field), note);
    }
}
