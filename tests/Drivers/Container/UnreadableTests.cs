using Provision.Drivers.Tests.Cgroup;

namespace Provision.Drivers.Tests.Container;

/// <summary>A container whose root keeps its links from being read.</summary>
public sealed class UnreadableTests
{
    [Fact]
    public void Plan_LinksThatCannotBeRead_IsNoDriftAndTellsWhy()
    {
        var host = new FakeHost(FakeCgroups.V2());
        var set = FakeHost.Set(
            FakeHost.Doc("br0", "{}", "Bridge"),
            FakeHost.Doc("web", "{command: [/bin/true], networks: [{bridge: br0, interface: eth0, addresses: [10.0.0.2/24]}]}"));
        host.Converge(set);

        host.Containers["web"].LinksUnreadable = "RTM_GETLINK: more than 16384 links";

        Assert.Empty(host.Plan(set).Plan.Changes.SelectMany(static c => c.Fields));
        var observed = host.Look(set).Single(static o => o.Id.Name == "web");
        Assert.Equal("RTM_GETLINK: more than 16384 links", observed.Unreadable["networks"]);
    }
}
