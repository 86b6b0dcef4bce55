using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>
/// Holds manifests against what this host can do, whoever owns what is there: every field that the kernel lacks or
/// would not take, with its place. Reads, never writes.
/// </summary>
public sealed class HostCheck(DriverRegistry drivers)
{
    /// <summary>Problems in the order of the resources; those whose code is among <see cref="IDriver.MissingLayers"/> say what is missing.</summary>
    public ImmutableArray<Diagnostic> Check(ResourceSet desired, Scope scope)
    {
        var snapshot = new Snapshot();
        var observed = drivers.Drivers.SelectMany(d => d.Observe(snapshot, scope, desired, null)).ToLookup(static o => o.Id);
        var bag = new DiagnosticBag();
        foreach (var resource in desired.Ordered)
        {
            var driver = drivers.For(resource.Id.Kind);
            var spec = resource.Metadata.ManagementPolicy == ManagementPolicy.Manage
                ? EffectiveSpec.Fill(driver.Schema.Fields, resource.Spec)
                : resource.Spec;
            var live = observed[resource.Id].OrderBy(static o => o.Ownership).FirstOrDefault();
            driver.Normalize(resource, driver.Resolve(resource, spec, live, snapshot, desired), live, snapshot, desired, bag);
        }

        return [.. bag.Items];
    }
}
