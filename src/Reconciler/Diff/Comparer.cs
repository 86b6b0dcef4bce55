using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>Takes one snapshot and holds every resource of the manifests against it. Reads, never writes.</summary>
public sealed class Comparer(DriverRegistry drivers)
{
    public Findings Compare(ResourceSet desired, Scope scope, PlanOptions options)
    {
        var snapshot = new Snapshot();
        var observed = drivers.Drivers.ToImmutableDictionary(
            static d => d.Schema.Kind,
            d => d.Observe(snapshot, scope, desired, options.Only));
        var byId = observed.Values.SelectMany(static o => o).ToLookup(static o => o.Id);
        var comparisons = desired.Ordered
            .Where(r => options.Only?.Contains(r.Id) != false && !options.Except.Contains(r.Id))
            .Select(r => Compare(r, byId[r.Id], snapshot, scope, desired, options));
        return new Findings(desired, scope, snapshot, [.. comparisons], observed);
    }

    /// <summary>Every desired field as a change from nothing: what a creation sets.</summary>
    public static IReadOnlyList<FieldChange> All(KindSchema schema, ObjectValue desired) =>
        [.. FieldDiff.Compare(schema.Fields, desired, ObjectValue.Empty, complete: false)
            .Select(static d => new FieldChange(d.Path, null, d.Desired, Cause.Pending))];

    // A resource whose object was renamed is seen twice: by its mark, and by whatever has taken the name.
    private Comparison Compare(
        Resource resource, IEnumerable<Observed> candidates, Snapshot snapshot, Scope scope, ResourceSet desired, PlanOptions options)
    {
        foreach (var live in candidates.OrderBy(o => o.Ownership switch
        {
            Ownership.Owned when o.Stack == scope.Stack => 0,
            Ownership.Unfinished => 1,
            Ownership.Owned => 2,
            _ => 3,
        }))
        {
            var comparison = Compare(resource, live, snapshot, scope, desired, options);
            // What was begun elsewhere (below another parent) and cannot become this one is a leftover, not a start.
            if (live.Ownership != Ownership.Unfinished || comparison.Fields.All(static f => f.InPlace || f.From is null))
                return comparison;
        }

        return Compare(resource, (Observed?)null, snapshot, scope, desired, options);
    }

    private Comparison Compare(
        Resource resource, Observed? live, Snapshot snapshot, Scope scope, ResourceSet desired, PlanOptions options)
    {
        var driver = drivers.For(resource.Id.Kind);
        var owned = resource.Metadata.ManagementPolicy == ManagementPolicy.Manage;
        var effective = owned ? EffectiveSpec.Fill(driver.Schema.Fields, resource.Spec) : resource.Spec;

        var bag = new DiagnosticBag();
        if (Conflict(resource, live, scope) is { } conflict)
            return new Comparison(resource, live, effective, effective, [], [conflict]);
        effective = driver.Resolve(resource, effective, live, snapshot, desired);
        var normalized = driver.Normalize(resource, effective, live, snapshot, desired, bag);

        var exempt = resource.Metadata.IgnoreFields;
        var present = live is not null && live.Ownership != Ownership.Unfinished;
        var differences = FieldDiff.Compare(
            driver.Schema.Fields,
            normalized,
            live?.Live ?? ObjectValue.Empty,
            complete: owned && live is not null,
            skip: path => exempt.Any(path.IsWithin) || (live is not null && live.Unreadable.Keys.Any(path.IsWithin)));
        var marked = present && owned && live!.Ownership == Ownership.Owned;
        var recorded = marked ? live!.Recorded : null;
        var fields = differences.Select(d => new FieldChange(
            d.Path, d.Live, d.Desired, CauseOf(d, present, recorded, effective, resource, options)));
        return new Comparison(resource, live, effective, normalized, [.. fields], [.. bag.Items])
        {
            MarkMoved = marked && recorded?.MatchesAll(effective, resource.Metadata.DeletionPolicy) != true,
            Exempt = exempt,
            Lacking = [.. bag.Items.Where(p => p.Severity == Severity.Error && driver.MissingLayers.Contains(p.Code))],
        };
    }

    private static Cause CauseOf(
        Difference difference, bool present, IRecorded? recorded, ObjectValue effective, Resource resource, PlanOptions options)
    {
        if (!present)
            return options.WasApplied?.Invoke(resource.Id) == true ? Cause.Drift : Cause.Pending;
        // Without a mark (adopted, observed) nothing tells who moved: what differs from the declaration is drift.
        if (recorded is null)
            return resource.Metadata.ManagementPolicy == ManagementPolicy.Manage ? Cause.Pending : Cause.Drift;
        // A key that normalizing rewrote (a device's path) is not in the spec as stated: ask for the whole list.
        var path = difference.Desired is not null && difference.Path.In(effective) is null
            ? ValuePath.Of(difference.Path.Root)
            : difference.Path;
        return recorded.Matches(path, path.In(effective), effective) == true ? Cause.Drift : Cause.Pending;
    }

    private static Diagnostic? Conflict(Resource resource, Observed? live, Scope scope)
    {
        var policy = resource.Metadata.ManagementPolicy;
        if (policy == ManagementPolicy.Observe)
            return null;
        return (policy, live) switch
        {
            (ManagementPolicy.Manage, { Ownership: Ownership.Foreign }) => Problem(
                HostCodes.ForeignObject,
                $"{resource.Id}: {live.Object} exists already and was not made by Provision",
                "set metadata.managementPolicy to Merge to adopt it, or to Observe to only report it"),
            (_, { Ownership: Ownership.Owned }) when live.Stack != scope.Stack => Problem(
                HostCodes.OtherStack,
                $"{resource.Id}: {live.Object} belongs to stack {live.Stack}",
                $"use --stack {live.Stack}, or give this resource another name"),
            (ManagementPolicy.Merge, null or { Ownership: Ownership.Unfinished }) => Problem(
                HostCodes.NothingToAdopt,
                $"{resource.Id} is to be adopted (managementPolicy Merge), but there is no such object",
                "create it first, or leave out managementPolicy to have Provision make it"),
            _ => null,
        };

        Diagnostic Problem(string code, string message, string hint) =>
            new(code, Severity.Error, message, resource.Source.At("metadata.name"), hint);
    }
}
