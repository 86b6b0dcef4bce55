using Provision.Kernel;
using Provision.Reconciler;

namespace Provision.Drivers.Tests.Cgroup;

/// <summary>Controllers of cgroup v2 are disabled when nothing needs them any more, and only then.</summary>
public sealed class SurplusTests
{
    private readonly FakeHost _host = new(FakeCgroups.V2());

    private string On(string path) => _host.Kernel.Read(_host.Kernel.Layout.Unified!, path, "cgroup.subtree_control")!.Trim();

    private static string Shop => FakeHost.Doc("shop", "{}");

    private static string Web(string spec) => FakeHost.Doc("web", $"{{parent: shop{(spec.Length > 0 ? ", " : "")}{spec}}}");

    [Fact]
    public void Update_LastNeedGone_DisablesAllTheWayUp()
    {
        _host.Converge(FakeHost.Set(Shop, Web("memory: {max: 1Gi}, pids: {max: 5}")));
        Assert.Equal("memory pids", On(""));

        _host.Converge(FakeHost.Set(Shop, Web("pids: {max: 5}")));

        Assert.Equal(["pids", "pids", "pids"], new[] { "", "provision", "provision/shop.cg" }.Select(On));
        _host.Converge(FakeHost.Set(Shop, Web("")));
        Assert.Equal(["", "", ""], new[] { "", "provision", "provision/shop.cg" }.Select(On));
    }

    [Fact]
    public void Update_SiblingsThatNeedIt_KeepIt()
    {
        var other = FakeHost.Doc("other", "{memory: {low: 4096}}");
        _host.Converge(FakeHost.Set(Shop, Web("memory: {max: 1Gi}"), other));

        _host.Converge(FakeHost.Set(Shop, Web(""), other));

        Assert.Equal(["memory", "memory", ""], new[] { "", "provision", "provision/shop.cg" }.Select(On));
    }

    [Fact]
    public void Update_NeedThatMovesToAnother_KeepsItOnTheWay()
    {
        _host.Converge(FakeHost.Set(Shop, Web("memory: {max: 1Gi}")));

        _host.Converge(FakeHost.Set(Shop, Web(""), FakeHost.Doc("new", "{parent: shop, memory: {max: 1Gi}}")));

        Assert.Equal("memory", On("provision/shop.cg"));
    }

    [Fact]
    public void Update_ForeignBeside_KeepsTheTopAndForeignBelow_KeepsAll()
    {
        _host.Converge(FakeHost.Set(Shop, Web("memory: {max: 1Gi}")));
        _host.Kernel.Make("unified", "theirs");
        _host.Kernel.Make("unified", "provision/shop.cg/theirs");
        _host.Converge(FakeHost.Set(Shop, Web("")));
        Assert.Equal(["memory", "memory", "memory"], new[] { "", "provision", "provision/shop.cg" }.Select(On));

        _host.Kernel.Remove("unified", "provision/shop.cg/theirs");
        _host.Converge(FakeHost.Set(Shop, Web("pids: {max: 5}")));

        Assert.Equal(["memory pids", "pids", "pids"], new[] { "", "provision", "provision/shop.cg" }.Select(On));
    }

    [Fact]
    public void Update_SupervisorBeside_NeedsNothing()
    {
        _host.Converge(FakeHost.Set(Shop, Web("memory: {max: 1Gi}")));
        _host.Kernel.Make("unified", "provision/supervisor");

        _host.Converge(FakeHost.Set(Shop, Web("")));

        Assert.Equal(["", "", ""], new[] { "", "provision", "provision/shop.cg" }.Select(On));
    }

    [Theory]
    [InlineData("provision/supervisor", "memory")]
    [InlineData("provision/shop.cg/supervisor", "")]
    public void Update_SupervisorWithALimitOfSomebodyOrSomebodysNamedAlike_Keeps(string path, string limited)
    {
        _host.Converge(FakeHost.Set(Shop, Web("memory: {max: 1Gi}")));
        _host.Kernel.Make("unified", path);
        if (limited.Length > 0)
            _host.Kernel.Foreign("unified", path, $"{limited}.max", "8192");

        _host.Converge(FakeHost.Set(Shop, Web("")));

        Assert.Equal(["memory", "memory"], new[] { "", "provision" }.Select(On));
    }

    [Fact]
    public void Update_EnabledBeforeUs_StaysAtTheTop()
    {
        _host.Kernel.Foreign("unified", "", "cgroup.subtree_control", "memory");

        _host.Converge(FakeHost.Set(Shop, Web("memory: {max: 1Gi}, pids: {max: 5}")));
        _host.Converge(FakeHost.Set(Shop, Web("")));

        Assert.Equal(["memory", "", ""], new[] { "", "provision", "provision/shop.cg" }.Select(On));
    }

    [Fact]
    public void Prune_LastThatNeedsIt_DisablesIt()
    {
        _host.Converge(FakeHost.Set(Shop, Web("memory: {max: 1Gi}")));

        var plan = _host.Plan(FakeHost.Set(Shop), new PlanOptions { Prune = true });
        Assert.Equal(ApplyOutcome.Done, _host.Apply(plan).Outcome);

        Assert.Equal(["", "", ""], new[] { "", "provision", "provision/shop.cg" }.Select(On));
    }

    [Fact]
    public void Release_OfOneWithLimits_KeepsThem()
    {
        _host.Converge(FakeHost.Set(Shop, FakeHost.Doc("web", "{parent: shop, memory: {max: 1Gi}}", ", deletionPolicy: Orphan")));

        var plan = _host.Plan(FakeHost.Set(Shop), new PlanOptions { Prune = true });
        Assert.Equal(ApplyOutcome.Done, _host.Apply(plan).Outcome);

        Assert.Equal("1073741824\n", _host.Kernel.Read(_host.Kernel.Layout.Unified!, "provision/shop.cg/web.cg", "memory.max"));
    }

    [Fact]
    public void Update_BelowAnAdoptedParent_LeavesWhatTheParentPassesOn()
    {
        _host.Converge(FakeHost.Set(Shop));
        _host.Kernel.Make("unified", "provision/theirs");
        var theirs = FakeHost.Doc("theirs", "{}", ", managementPolicy: Merge");
        _host.Converge(FakeHost.Set(Shop, theirs, FakeHost.Doc("web", "{parent: theirs, pids: {max: 5}}")));

        _host.Converge(FakeHost.Set(Shop, theirs, FakeHost.Doc("web", "{parent: theirs}")));

        Assert.Equal(["pids", "pids", "pids"], new[] { "", "provision", "provision/theirs" }.Select(On));
    }

    [Theory]
    [InlineData("disable -memory below provision/shop.cg")]
    [InlineData("disable -memory below /")]
    [InlineData("unmark enabled")]
    public void Update_DisablingThatFails_IsTakenBack(string failing)
    {
        _host.Converge(FakeHost.Set(Shop, Web("memory: {max: 1Gi}")));
        var before = _host.Kernel.Dump();
        _host.Kernel.FailAt = failing;

        Assert.Equal(ApplyOutcome.RolledBack, _host.Apply(FakeHost.Set(Shop, Web(""))).Outcome);

        Assert.Equal(before, _host.Kernel.Dump());
    }

    [Fact]
    public void Create_BelowOneThatPassesItOn_EnablesOnlyWhatIsNew()
    {
        _host.Converge(FakeHost.Set(Shop, Web("memory: {max: 1Gi}")));
        var second = FakeHost.Doc("second", "{parent: shop, memory: {max: 1Gi}}");

        Assert.DoesNotContain(Operations(FakeHost.Set(Shop, Web("memory: {max: 1Gi}"), second)), static o => o is CgroupEnable);
        var third = FakeHost.Doc("third", "{parent: shop, memory: {max: 1Gi}, pids: {max: 5}}");
        Assert.Equal(
            [("", "pids"), ("provision", "pids"), ("provision/shop.cg", "pids")],
            Operations(FakeHost.Set(Shop, Web("memory: {max: 1Gi}"), third)).OfType<CgroupEnable>().Select(static e => (e.Path, string.Join(' ', e.Controllers))));
        _host.Converge(FakeHost.Set(Shop, Web("memory: {max: 1Gi}"), second, third));
    }

    private IEnumerable<Operation> Operations(Spec.ResourceSet set)
    {
        var plan = _host.Plan(set).Plan;
        return [.. plan.Before, .. plan.Changes.SelectMany(static c => c.Operations)];
    }

    [Fact]
    public void Plan_ControllerDisabledByOthers_IsDriftAndEnabledAgain()
    {
        var set = FakeHost.Set(Shop, Web("memory: {max: 1Gi}"));
        _host.Converge(set);
        var theirs = new CgroupDisable("provision/shop.cg", ["memory"]);
        Assert.Null(Assert.Single(((IOperationExecutor)_host.Kernel).Execute([theirs], default)));

        Assert.Equal(Cause.Drift, Assert.Single(Assert.Single(_host.Plan(set).Plan.Changes).Fields, static f => f.Path.ToString() == "memory.max").Cause);
        _host.Converge(set);

        Assert.Equal("1073741824\n", _host.Kernel.Read(_host.Kernel.Layout.Unified!, "provision/shop.cg/web.cg", "memory.max"));
    }
}
