using Provision.Reconciler;
using Provision.Reconciler.Reports;
using Provision.Testing;

namespace Provision.Drivers.Bridge;

/// <summary>br_netfilter: its sysctls are the namespace's own, and a bridge whose frames pass iptables says so.</summary>
[Trait("Needs", "br-netfilter")]
public sealed class NetfilterTests
{
    [RootFact]
    public void Plan_WhileBridgedFramesPassIptables_SaysSoForWhatChanges()
    {
        using var bench = new BridgeBench();
        Set(bench, iptables: 1, ip6tables: 0);
        var set = BridgeBench.Parse(BridgeBench.Manifest("web0", "up: true"));

        Assert.Equal("what web0 forwards between its ports passes the rules of iptables (br_netfilter)", Assert.Single(bench.Plan(set).Plan.Notes).Text);
        bench.Converge(set);
        Assert.Empty(bench.Plan(set).Plan.Notes);
        Assert.Contains(Status(bench, set).Conditions, static c => c is { Type: "Advisory", Reason: BridgeCodes.PassesNetfilter, Holds: true });
        Assert.Equal(ResourceState.Current, Status(bench, set).State);
        var told = Assert.Single(new HostCheck(bench.Planner.Drivers).Check(set, bench.Scope));
        Assert.Equal((BridgeCodes.PassesNetfilter, Spec.Severity.Warning, 3), (told.Code, told.Severity, told.Span.Line));

        Set(bench, iptables: 0, ip6tables: 0);
        Assert.DoesNotContain(Status(bench, set).Conditions, static c => c.Type == "Advisory");
    }

    [RootFact]
    public void Status_BridgeThatCallsIptablesByItself_SaysSo()
    {
        using var bench = new BridgeBench();
        Set(bench, iptables: 0, ip6tables: 0);
        var set = BridgeBench.Parse(BridgeBench.Manifest("web0", "up: true"), BridgeBench.Manifest("web1", "up: true"));
        bench.Converge(set);

        bench.Netns.Ip("link set web1 type bridge nf_call_iptables 1");

        Assert.Equal(["Bridge/web1"], StatusBuilder.Of(bench.Planner.Look(set, bench.Scope, new PlanOptions()), [], withManifests: true)
            .Where(static s => s.Conditions.Any(static c => c.Type == "Advisory")).Select(static s => s.Id.ToString()));
    }

    private static ResourceStatus Status(BridgeBench bench, Spec.ResourceSet set) =>
        Assert.Single(StatusBuilder.Of(bench.Planner.Look(set, bench.Scope, new PlanOptions()), [], withManifests: true));

    private static void Set(BridgeBench bench, int iptables, int ip6tables) => bench.Netns.Run(
        "sysctl", "-q", $"net.bridge.bridge-nf-call-iptables={iptables}", $"net.bridge.bridge-nf-call-ip6tables={ip6tables}",
        "net.bridge.bridge-nf-call-arptables=0").Succeeded();
}
