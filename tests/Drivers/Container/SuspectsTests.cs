using Provision.Drivers.Container;
using Provision.Drivers.Tests.Cgroup;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Tests.Container;

/// <summary>Which events make which containers suspect.</summary>
public sealed class SuspectsTests
{
    private static readonly ResourceSet Set = FakeHost.Set(
        FakeHost.Doc("web0", "{}", "Bridge"),
        FakeHost.Doc("web-1", "{command: [a], networks: [{bridge: web0, interface: eth0}]}"),
        FakeHost.Doc("web-2", "{command: [a]}"));

    [Theory]
    [InlineData(KernelEvent.Cgroups, "provision/web-1.ctr", "Container/web-1")]
    [InlineData(KernelEvent.Cgroups, "provision/web.cg/web-2.ctr", "Container/web-2")] // comes back elsewhere: by its name
    [InlineData(KernelEvent.Cgroups, "provision/other.ctr", "")]
    [InlineData(KernelEvent.Cgroups, "provision/web-1.cg", "")]
    [InlineData(KernelEvent.Links, "veeth0", "Container/web-1")]
    [InlineData(KernelEvent.Links, "web-1.ctr", "")]
    [InlineData(KernelEvent.Networks, "provision/web-1.ctr", "Container/web-1")]
    [InlineData(KernelEvent.Networks, "provision/other.ctr", "")]
    [InlineData(KernelEvent.Cgroups, "", "Container/web-1 Container/web-2")]
    [InlineData(KernelEvent.Links, "", "Container/web-1 Container/web-2")]
    public void Suspects_OfEvent_AreThoseConcerned(string table, string name, string expected)
    {
        var host = new FakeHost(FakeCgroups.Hybrid());
        host.Converge(Set);

        var suspects = new ContainerDriver(() => host.Containers, host.Cgroups, host.Security, new SeccompFilters(static () => "6.18"), static _ => null)
            .Suspects(new KernelEvent(table, name), [.. host.Look(Set).Select(KnownObject.Of)], Set);

        Assert.Equal(expected, string.Join(' ', suspects.Select(static s => s.ToString()).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Look_AtSuspectsAlone_SeesWhatALookAtEverythingSees()
    {
        var host = new FakeHost(FakeCgroups.Hybrid());
        host.Converge(Set);
        host.Containers["web-1"].OomScoreAdj = 7;
        var id = new ResourceId("Container", "web-1");

        var one = Assert.Single(host.Plan(Set, new PlanOptions { Only = new HashSet<ResourceId> { id } }).Plan.Changes);

        Assert.Equal(id, one.Id);
        Assert.Equal("oomScoreAdj", Assert.Single(one.Fields).Path.ToString());
    }
}
