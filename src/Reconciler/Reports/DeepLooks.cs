using Provision.Spec;

namespace Provision.Reconciler.Reports;

/// <summary>Looks closer at every resource that can be looked at closer. Disturbs what runs; changes nothing.</summary>
public static class DeepLooks
{
    public static IReadOnlyDictionary<ResourceId, DeepLook> Of(Findings findings, DriverRegistry drivers)
    {
        var looks = new Dictionary<ResourceId, DeepLook>();
        foreach (var comparison in findings.Comparisons)
            if (comparison.Exists && !comparison.Problems.Any(static p => p.Severity == Severity.Error)
                && drivers.For(comparison.Id.Kind).LookDeep(comparison) is { } look)
                looks[comparison.Id] = look;
        return looks;
    }
}
