using System.Runtime.CompilerServices;
using Provision.Reconciler;
using Provision.Reconciler.Reports;
using Provision.Spec;

namespace Provision.Drivers.Bridge;

/// <summary>What is good to know of a bridge stays in its status, and does not make it less than current.</summary>
public sealed class NetfilterStatusTests
{
    [Fact]
    public void Status_OfBridgesWhoseFramesPassIptables_HasAnAdvisoryEach()
    {
        var folder = Path.Combine(Path.GetDirectoryName(Here())!, "Golden", "netfilter");
        var scope = new Scope("golden");
        var set = Manifests.Load([Path.Combine(folder, "manifest.yaml")], new KindRegistry([BridgeSchema.Schema])).Set;
        var planner = new Planner(new DriverRegistry([new BridgeDriver(new FakeLinks(folder, scope))]));

        var status = StatusBuilder.Of(planner.Look(set, scope, new PlanOptions()), [], withManifests: true);

        Assert.Equal([ResourceState.InProgress, ResourceState.Current], status.Select(static s => s.State));
        Assert.All(status, static s => Assert.Single(s.Conditions, static c => c is { Type: "Advisory", Holds: true, Reason: BridgeCodes.PassesNetfilter }));
        Assert.Contains("iptables, ip6tables", status[1].Message, StringComparison.Ordinal);
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
