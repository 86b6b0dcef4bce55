using Provision.Drivers.Tests.Cgroup;
using Provision.Kernel.Supervise;
using Provision.Spec;

namespace Provision.Drivers.Tests.Container;

/// <summary>Links that are not there take the MTU that the Bridge declares when they are made: there is nothing to compare.</summary>
public sealed class NetworkMtuTests
{
    private readonly FakeHost _host = new(FakeCgroups.V2());

    private static ResourceSet Set(int mtu, string spec) => FakeHost.Set(
        FakeHost.Doc("web0", $"{{mtu: {mtu}}}", "Bridge"),
        FakeHost.Doc("web-1", $"{{command: [/bin/true], networks: [{{bridge: web0, interface: eth0}}, {{bridge: web0, interface: eth1, mtu: 1300}}], {spec}}}"));

    [Fact]
    public void Apply_OfWhatDoesNotRun_IsDoneWhateverTheBridgeDeclares()
    {
        _host.Converge(Set(1400, "running: false"));

        Assert.True(_host.Plan(Set(1450, "running: false")).Plan.IsEmpty);
    }

    [Fact]
    public void Plan_AfterItsEnd_MissesNoLink()
    {
        var set = Set(1400, "restart: {policy: Never}");
        _host.Converge(set);
        _host.Containers["web-1"].End(RunState.Exited, 0);

        Assert.True(_host.Plan(set).Plan.IsEmpty);
        Assert.True(_host.Plan(Set(1450, "restart: {policy: Never}")).Plan.IsEmpty);
    }

    [Fact]
    public void Apply_StartOfWhatDidNotRun_MakesItsLinksAsDeclared()
    {
        _host.Converge(Set(1400, "running: false"));

        _host.Converge(Set(1450, "running: true"));

        Assert.Equal([1450, 1300], _host.Containers["web-1"].Links.Values.Select(static l => l.Mtu));
    }

    [Fact]
    public void Plan_LinkThatGoes_ComesBackWithTheMtuThatItHad()
    {
        ResourceSet Of(int mtu, string networks) => FakeHost.Set(
            FakeHost.Doc("web0", $"{{mtu: {mtu}}}", "Bridge"), FakeHost.Doc("web-1", $"{{command: [/bin/true], networks: [{networks}]}}"));
        _host.Converge(Of(1400, "{bridge: web0, interface: eth0}"));

        var undo = _host.Plan(Of(1450, "")).Plan.Changes.SelectMany(static c => c.Operations).OfType<Kernel.Containers.ContainerNetworkRemove>().Single().Undo;

        Assert.Equal(1400, Assert.IsType<Kernel.Containers.ContainerNetworkSet>(undo).Attachment.Mtu);
    }
}
