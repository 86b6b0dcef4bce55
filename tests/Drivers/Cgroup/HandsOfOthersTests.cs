using Provision.Drivers.Cgroup;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Tests.Cgroup;

/// <summary>Directories that others made, removed or changed: what is ours is repaired or removed, the rest is left alone.</summary>
public sealed class HandsOfOthersTests
{
    private readonly FakeHost _host = new(FakeCgroups.Hybrid());

    [Fact]
    public void Destroy_ForeignCgroupsInAnUnmarkedRoot_AreLeftAlone()
    {
        _host.Kernel.Make("unified", "provision");
        _host.Kernel.Make("unified", "provision/web.cg");
        var before = _host.Kernel.Dump();

        _host.Destroy();

        Assert.Equal(before, _host.Kernel.Dump());
    }

    [Fact]
    public void Plan_ForeignCgroupOfThatNameInAnUnmarkedRoot_IsRefused()
    {
        _host.Kernel.Make("unified", "provision");
        _host.Kernel.Make("unified", "provision/web.cg");

        var plan = _host.Plan(FakeHost.Set(FakeHost.Doc("web", "{}")));

        Assert.Contains(plan.Diagnostics, static d => d.Code == HostCodes.ForeignObject);
    }

    [Fact]
    public void Apply_ChildMissingInDevices_IsCompleted()
    {
        var set = FakeHost.Set(
            FakeHost.Doc("shop", "{devices: {default: deny, allow: [{path: /dev/null}]}}"),
            FakeHost.Doc("web", "{parent: shop, devices: {default: deny}}"));
        _host.Converge(set);
        var before = _host.Kernel.Dump();
        _host.Kernel.Remove("devices", "provision/shop.cg/web.cg");
        _host.Kernel.Remove("devices", "provision/shop.cg");

        _host.Converge(set);

        Assert.Equal(before, _host.Kernel.Dump());
    }

    [Theory]
    [InlineData(false, "{cpu: {weight: 200}}", ", ignoreFields: [cpu.idle]")]
    [InlineData(true, "{cpu: {weight: 200}}", ", ignoreFields: [cpu.idle]")]
    [InlineData(false, "{cpu: {weight: 200}}", ", ignoreFields: [cpu]")]
    public void Apply_IdleByOthersAndIgnored_Converges(bool unified, string spec, string metadata)
    {
        var host = new FakeHost(unified ? FakeCgroups.V2() : FakeCgroups.Hybrid());
        var set = FakeHost.Set(FakeHost.Doc("web", spec, metadata));
        host.Converge(set);
        host.Kernel.Foreign(unified ? "unified" : "cpu", "provision/web.cg", "cpu.idle", "1");

        host.Converge(set);
    }

    [Fact]
    public void Apply_AdoptedThatIsIdle_ConvergesWithoutItsWeight()
    {
        foreach (var hierarchy in _host.Kernel.Layout.Hierarchies)
        {
            _host.Kernel.Make(hierarchy.Name, "provision");
            _host.Kernel.Make(hierarchy.Name, "provision/web");
        }

        _host.Kernel.Foreign("cpu", "provision/web", "cpu.idle", "1");

        _host.Converge(FakeHost.Set(FakeHost.Doc("web", "{cpu: {weight: 200}, pids: {max: 5}}", ", managementPolicy: Merge")));
    }

    [Fact]
    public void Apply_MarksTornOffWithProcessesInside_MakesItWhole()
    {
        var set = FakeHost.Set(FakeHost.Doc("web", "{memory: {max: 64Mi}}"));
        _host.Converge(set);
        var before = _host.Kernel.Dump();
        _host.Kernel.Remove("unified", "provision/web.cg");
        _host.Kernel.Foreign("memory", "provision/web.cg", "cgroup.procs", "1");

        _host.Converge(set);

        _host.Kernel.Foreign("memory", "provision/web.cg", "cgroup.procs", "\n");
        Assert.Equal(before, _host.Kernel.Dump());
    }

    [Fact]
    public void Destroy_MarksTornOffAtEveryDepth_LeavesNothing()
    {
        _host.Converge(FakeHost.Set(
            FakeHost.Doc("shop", "{}"), FakeHost.Doc("web", "{parent: shop}"), FakeHost.Doc("leaf", "{parent: web}"), FakeHost.Doc("other", "{}")));
        _host.Kernel.Remove("unified", "provision/shop.cg/web.cg/leaf.cg");
        _host.Kernel.Remove("unified", "provision/shop.cg/web.cg");
        _host.Kernel.Remove("unified", "provision/other.cg");

        Assert.Equal(ApplyOutcome.Done, _host.Destroy().Outcome);

        Assert.Equal("", _host.Kernel.Dump());
    }

    [Fact]
    public void Plan_TornOffWithForeignChildOrProcesses_IsNotTouched()
    {
        var set = FakeHost.Set(FakeHost.Doc("web", "{}"));
        _host.Converge(set);
        _host.Kernel.Make("memory", "provision/busy.cg");
        _host.Kernel.Foreign("memory", "provision/busy.cg", "cgroup.procs", "1");
        _host.Kernel.Make("memory", "provision/full.cg");
        _host.Kernel.Make("memory", "provision/full.cg/foreign");

        Assert.True(_host.Plan(set).Plan.IsEmpty);
    }

    [Fact]
    public void Destroy_LastCgroupRemovedByHand_RemovesTheRoot()
    {
        _host.Converge(FakeHost.Set(FakeHost.Doc("web", "{}")));
        foreach (var hierarchy in _host.Kernel.Layout.Hierarchies)
            _host.Kernel.Remove(hierarchy.Name, "provision/web.cg");

        Assert.Equal(ApplyOutcome.Done, _host.Destroy().Outcome);

        Assert.Equal("", _host.Kernel.Dump());
    }

    [Theory]
    [InlineData("a.cg")]
    [InlineData("a.ctr")]
    public void Parse_NameThatEndsLikeADirectory_IsRefused(string name)
    {
        var result = FakeHost.Read(FakeHost.Doc("a", "{}") + "---\n" + FakeHost.Doc(name, "{}", ", managementPolicy: Merge"));

        Assert.Contains(result.Diagnostics.Items, static d => d.Code == CgroupCodes.ReservedName && d.Severity == Severity.Error);
    }
}
