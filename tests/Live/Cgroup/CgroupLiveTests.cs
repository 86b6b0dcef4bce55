using Provision.Reconciler;

namespace Provision.Testing;

/// <summary>The kind Cgroup against this machine's kernel, whichever version its cgroups have.</summary>
public sealed class CgroupLiveTests : IDisposable
{
    private readonly CgroupBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [RootFact]
    public void Apply_ParentChanges_IsAReplaceThatLeavesNothing()
    {
        _bench.Converge(CgroupBench.Doc("shop", "{}"), CgroupBench.Doc("web", "{}"));

        var plan = _bench.Converge(CgroupBench.Doc("shop", "{}"), CgroupBench.Doc("web", "{parent: shop}"));
        Assert.Equal(ChangeAction.Replace, Assert.Single(plan.Plan.Changes).Action);
        Assert.False(Directory.Exists(_bench.Instance.Cgroup("memory", "web.cg")));
        Assert.True(Directory.Exists(_bench.Instance.Cgroup("memory", "shop.cg/web.cg")));
        _bench.Converge(CgroupBench.Doc("shop", "{}"), CgroupBench.Doc("web", "{}"));
    }

    [RootFact]
    public void Plan_LimitUnderUse_IsRefusedUnlessForced()
    {
        // On v2 what is in use is counted only where the controller is enabled.
        _bench.Converge(CgroupBench.Doc("web", "{pids: {max: 64}}"));
        using var sleeper = new RunningCommand(new("sleep", "1000"));
        _bench.Foreign("pids", "web.cg/cgroup.procs", $"{sleeper.Pid}");

        var lower = _bench.Load(CgroupBench.Doc("web", "{pids: {max: 0}}"));
        var refused = Assert.Single(_bench.Plan(lower).Diagnostics);
        Assert.Contains("pids.max 0 would be under the 1 processes", refused.Message);
        var force = new PlanOptions { Force = true };
        Assert.Equal(ApplyOutcome.Done, _bench.Apply(_bench.Plan(lower, force), force).Outcome);

        var removal = _bench.Planner.PlanDestroy(_bench.Scope, true, force);
        Assert.Contains("has 1 process in it", Assert.Single(removal.Diagnostics).Message);
    }

    [RootFact]
    public void Destroy_ForeignChild_IsRefusedAndUntouched()
    {
        _bench.Converge(CgroupBench.Doc("web", "{}"));
        var foreign = _bench.Instance.Cgroup("memory", "web.cg/other");
        Directory.CreateDirectory(foreign);

        var plan = _bench.Planner.PlanDestroy(_bench.Scope, true, new PlanOptions());

        Assert.Contains("other", Assert.Single(plan.Diagnostics).Message);
        Assert.True(Directory.Exists(foreign));
    }

    [RootFact]
    public void Plan_UnmarkedEmptyCgroup_IsAnUnfinishedCreation()
    {
        _bench.Converge(CgroupBench.Doc("web", "{}"));
        Directory.CreateDirectory(_bench.Instance.Unified("half.cg"));
        Directory.CreateDirectory(_bench.Instance.Unified("gone.cg"));

        _bench.Converge(CgroupBench.Doc("web", "{}"), CgroupBench.Doc("half", "{pids: {max: 3}}"));

        Assert.Equal("3", _bench.PidsMax("half.cg"));
        Assert.False(Directory.Exists(_bench.Instance.Unified("gone.cg")));
    }

    [RootFact]
    public void Destroy_Orphan_StaysWithItsLimitsAndIsForeign()
    {
        _bench.Converge(CgroupBench.Doc("web", "{pids: {max: 3}}", ", deletionPolicy: Orphan"));

        Assert.Equal(ApplyOutcome.Done, _bench.Destroy().Outcome);

        Assert.Equal("3", _bench.PidsMax("web.cg"));
        Assert.True(_bench.Plan(CgroupBench.Doc("web", "{}")).HasErrors);
        Assert.True(_bench.Plan().Plan.IsEmpty);
    }

    [RootFact]
    public void Plan_ForeignRoot_IsAnError()
    {
        Directory.CreateDirectory(_bench.Instance.Cgroup("memory", "theirs"));

        Assert.Contains("was not made by Provision", Assert.Single(_bench.Plan(CgroupBench.Doc("web", "{}")).Diagnostics).Message);
    }

    [RootFact]
    public void Apply_FailureInACreation_LeavesNothing()
    {
        var plan = _bench.Plan(CgroupBench.Doc("shop", "{}"), CgroupBench.Doc("web", "{parent: shop, pids: {max: 5}}"));
        _bench.FailAt = "write pids.max 5";

        Assert.Equal(ApplyOutcome.RolledBack, _bench.Apply(plan).Outcome);

        Assert.Empty(_bench.Instance.CgroupDirectories());
    }
}
