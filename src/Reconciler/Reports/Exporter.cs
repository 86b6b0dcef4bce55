using Provision.Spec;

namespace Provision.Reconciler.Reports;

/// <summary>
/// Live objects to manifests that plan empty. What the mark recorded is stated again, and the live value where the
/// kernel shows another; what a manifest may omit is omitted. Foreign objects become adopted ones (Merge).
/// </summary>
public static class Exporter
{
    /// <summary>Resources in dependency order.</summary>
    /// <param name="objects">Owned objects of one stack, or foreign ones; what they are contained in included.</param>
    public static ResourceSet Export(Planner planner, Scope scope, IReadOnlyList<Observed> objects)
    {
        var set = new ResourceSet([.. Ordered(objects).Select(o => First(o, planner.Drivers.For(o.Id.Kind).Schema))]);
        // As the mark has it first; then the live value wherever the kernel would not show that.
        for (var pass = 0; pass < 2; pass++)
        {
            var findings = planner.Look(set, scope, new PlanOptions());
            set = new ResourceSet([.. findings.Comparisons.Select(c => Restate(c, planner.Drivers.For(c.Id.Kind).Schema))]);
        }

        return set;
    }

    private static Resource First(Observed live, KindSchema schema)
    {
        var foreign = live.Ownership == Ownership.Foreign;
        var source = foreign ? live.Live : live.Recorded?.Spec ?? ObjectValue.Empty;
        return new Resource(
            live.Id,
            new Metadata(live.Id.Name)
            {
                ManagementPolicy = foreign ? ManagementPolicy.Merge : ManagementPolicy.Manage,
                DeletionPolicy = live.DeletionPolicy,
            },
            WithoutDefaults(schema, source), [.. live.DependsOn], SourceMap.None);
    }

    private static ObjectValue WithoutDefaults(KindSchema schema, ObjectValue spec)
    {
        foreach (var field in SpecPaths.Leaves(schema.Fields))
            if (spec.Get(field) is { } value && (value.Equals(field.Default) || value is ListValue { Items.IsEmpty: true } && field.Default is null))
                spec = spec.With(field, null);
        return spec;
    }

    private static Resource Restate(Comparison comparison, KindSchema schema)
    {
        if (comparison.Live is not { } live)
            return comparison.Resource;
        var spec = comparison.Resource.Spec;
        foreach (var field in SpecPaths.Leaves(schema.Fields))
        {
            if (live.Live.Get(field) is not { } value)
                continue;
            // A mark of digests cannot tell the value, but whether leaving it out is what was recorded.
            var forgotten = comparison.MarkMoved && spec.Get(field) is null &&
                live.Recorded?.Matches(ValuePath.Of(field), comparison.Effective.Get(field), comparison.Effective) == false;
            if (forgotten || comparison.Fields.Any(f => f.Path.IsWithin(field.Path)))
                spec = spec.With(field, value);
        }

        return comparison.Resource with { Spec = spec };
    }

    private static List<Observed> Ordered(IReadOnlyList<Observed> objects)
    {
        var byId = objects.GroupBy(static o => o.Id).ToDictionary(static g => g.Key, static g => g.First());
        var ordered = new List<Observed>();
        var seen = new HashSet<ResourceId>();
        foreach (var live in byId.Values.OrderBy(static o => o.Id.Kind, StringComparer.Ordinal).ThenBy(static o => o.Id.Name, StringComparer.Ordinal))
            Visit(live);
        return ordered;

        void Visit(Observed live)
        {
            if (!seen.Add(live.Id))
                return;
            foreach (var needed in live.DependsOn)
                if (byId.TryGetValue(needed, out var first))
                    Visit(first);
            ordered.Add(live);
        }
    }
}
