using Provision.Kernel;
using Provision.Reconciler;

namespace Provision.Testing;

/// <summary>What cgroup v2 refuses, and how Provision says it: before the first write, or with the kernel's own reason.</summary>
[Trait("Needs", "cgroup-v2")]
public sealed class CgroupV2RulesTests : IDisposable
{
    private readonly CgroupBench _bench = new();
    private readonly RunningCommand _sleeper = new(new("sleep", "1000"));

    public void Dispose()
    {
        _sleeper.Dispose();
        _bench.Dispose();
    }

    [RootFact]
    public void Controllers_NeedThatComesAndGoes_AreEnabledTopDownAndDisabled()
    {
        string[] Passed() => [.. new[] { "", "shop.cg/", "shop.cg/web.cg/" }.Select(p => _bench.V2($"{p}cgroup.subtree_control")!)];
        var shop = CgroupBench.Doc("shop", "{}");

        _bench.Converge(shop, CgroupBench.Doc("web", "{parent: shop, memory: {max: 64Mi}, pids: {max: 5}}"));
        Assert.Equal(["memory pids", "memory pids", ""], Passed());
        _bench.Converge(shop, CgroupBench.Doc("web", "{parent: shop, pids: {max: 5}}"));
        Assert.Equal(["pids", "pids", ""], Passed());
        _bench.Converge(shop, CgroupBench.Doc("web", "{parent: shop}"));
        Assert.Equal(["", "", ""], Passed());
    }

    [RootFact]
    public void Controllers_WithAForeignCgroupBeside_StayForIt()
    {
        _bench.Converge(CgroupBench.Doc("web", "{memory: {max: 64Mi}}"));
        Directory.CreateDirectory(_bench.Instance.Unified("theirs"));
        _bench.Foreign("memory", "theirs/memory.max", "4096");

        _bench.Converge(CgroupBench.Doc("web", "{}"));

        Assert.Equal("4096", _bench.V2("theirs/memory.max"));
    }

    [RootFact]
    public void Controllers_PruneOfTheLastThatNeedsThem_DisablesThem()
    {
        _bench.Converge(CgroupBench.Doc("shop", "{}"), CgroupBench.Doc("web", "{memory: {max: 64Mi}}"));

        var prune = new PlanOptions { Prune = true };
        var gone = _bench.Apply(_bench.Plan(_bench.Load(CgroupBench.Doc("shop", "{}")), prune), prune);

        Assert.True(gone.Outcome == ApplyOutcome.Done, CgroupBench.Describe(gone));
        Assert.Equal("", _bench.V2("cgroup.subtree_control"));
    }

    [RootTheory]
    [InlineData("memory: {max: 64Mi}", "memory", Errno.EBUSY)]
    [InlineData("pids: {max: 5}", "pids", 0)]
    public void Plan_ProcessesInTheParent_AreToldOfBeforeAnyWrite(string need, string controller, int errno)
    {
        // Another one has the instance's root pass both controllers on.
        string[] before = [CgroupBench.Doc("other", "{memory: {max: 64Mi}, pids: {max: 5}}"), CgroupBench.Doc("shop", "{}")];
        _bench.Converge(before);
        _bench.Foreign("memory", "shop.cg/cgroup.procs", $"{_sleeper.Pid}");

        var problem = Assert.Single(_bench.Plan([.. before, CgroupBench.Doc("web", $"{{parent: shop, {need}}}")]).Diagnostics);
        Assert.Equal("PV2034", problem.Code);
        Assert.Contains($"shop.cg has 1 process in it and so cannot pass on {controller}", problem.Message);
        Assert.Equal("domain", _bench.V2("shop.cg/cgroup.type"));

        // Where they come between plan and apply, the kernel says it; pids it takes, and makes what lies below useless.
        using var executor = new CgroupExecutor(CgroupLayout.Discover());
        var error = Assert.Single(executor.Execute([new CgroupEnable($"{_bench.Instance.CgroupRoot}/shop.cg", [controller])], default));
        Assert.Equal(errno, error?.Errno ?? 0);
        if (errno != 0)
            Assert.Equal($"write {_bench.Instance.Unified("shop.cg/cgroup.subtree_control")} +memory: EBUSY (device or resource busy): "
                + "needs a process-free parent: cgroup v2 passes controllers on only from a cgroup without processes in it", error!.ToString());
    }

    [RootTheory]
    [InlineData("memory: {max: 64Mi}")]
    [InlineData("pids: {max: 5}")]
    public void Plan_BelowAThreadedCgroup_IsRefused(string need)
    {
        _bench.Converge(CgroupBench.Doc("shop", "{}"));
        Directory.CreateDirectory(_bench.Instance.Unified("shop.cg/theirs"));
        _bench.Foreign("memory", "shop.cg/theirs/cgroup.type", "threaded");
        _bench.Foreign("memory", "shop.cg/cgroup.procs", $"{_sleeper.Pid}");
        _bench.Foreign("memory", "shop.cg/theirs/cgroup.threads", $"{_sleeper.Pid}");

        var problem = Assert.Single(_bench.Plan(CgroupBench.Doc("shop", "{}"), CgroupBench.Doc("web", $"{{parent: shop, {need}}}")).Diagnostics);

        Assert.Equal("PV2035", problem.Code);
        Assert.Contains("shop.cg is domain threaded", problem.Message);
    }

    [RootFact]
    public void Partition_ThatCannotBe_FailsWithTheKernelsReasonAndIsTakenBack()
    {
        _bench.Converge(CgroupBench.Doc("web", "{cpuset: {cpus: 1}}"));

        var failed = _bench.Apply(_bench.Plan(CgroupBench.Doc("web", "{cpuset: {cpus: 1, partition: root}}")));

        Assert.Equal(ApplyOutcome.RolledBack, failed.Outcome);
        var error = Assert.Single(failed.Failures).Error.ToString();
        Assert.StartsWith($"write {_bench.Instance.Unified("web.cg/cpuset.cpus.partition")} root: EINVAL (invalid argument): the kernel shows: root invalid (", error);
        Assert.Equal("member", _bench.V2("web.cg/cpuset.cpus.partition"));
    }

    [RootTheory]
    [InlineData("root")]
    [InlineData("isolated")]
    public void Partition_BelowAPartition_IsMadeAndUnmade(string kind)
    {
        // A partition's parent must be one (before Linux 6.7): the instance's root is made one by hand.
        _bench.Converge(CgroupBench.Doc("web", "{cpuset: {cpus: 1}}"));
        _bench.Foreign("cpuset", "cpuset.cpus", "1");
        _bench.Foreign("cpuset", "cpuset.cpus.partition", "root");

        var document = CgroupBench.Doc("web", $"{{cpuset: {{cpus: 1, partition: {kind}}}}}");
        _bench.Converge(document);
        Assert.Equal(kind, _bench.V2("web.cg/cpuset.cpus.partition"));

        // The ground is taken from under it: told with the kernel's reason; repaired when the ground is back.
        _bench.Foreign("cpuset", "cpuset.cpus.partition", "member");
        var field = Assert.Single(Assert.Single(_bench.Plan(document).Plan.Changes).Fields);
        Assert.Equal(("cpuset.partition", Cause.Drift), (field.Path.ToString(), field.Cause));
        Assert.StartsWith($"{kind} invalid (", field.From!.ToString());
        _bench.Foreign("cpuset", "cpuset.cpus.partition", "root");
        Assert.Equal(ApplyOutcome.Done, _bench.Apply(_bench.Plan(document)).Outcome);
        Assert.Equal(kind, _bench.V2("web.cg/cpuset.cpus.partition"));

        _bench.Converge(CgroupBench.Doc("web", "{cpuset: {cpus: 1}}"));
        Assert.Equal("member", _bench.V2("web.cg/cpuset.cpus.partition"));
    }

    [RootFact]
    public void Write_LimitOfADiskThatIsGone_TellsFileValueAndReason()
    {
        _bench.Converge(CgroupBench.Doc("web", "{io: {weight: 50}}"));
        using var executor = new CgroupExecutor(CgroupLayout.Discover());

        var error = Assert.Single(executor.Execute([new CgroupWrite("unified", $"{_bench.Instance.CgroupRoot}/web.cg", "io.max", "254:99 rbps=5000")], default))!;

        Assert.Equal($"write {_bench.Instance.Unified("web.cg/io.max")} 254:99 rbps=5000: ENODEV (no such device): "
            + "no such disk, or it is a partition: the kernel limits whole disks only", error.ToString());
    }

    [RootFact]
    public void Destroy_ThreadedWithThreadsInIt_IsRefused()
    {
        _bench.Converge(CgroupBench.Doc("web", "{}"));
        _bench.Foreign("memory", "cgroup.procs", $"{_sleeper.Pid}");
        _bench.Foreign("memory", "web.cg/cgroup.type", "threaded");
        _bench.Foreign("memory", "web.cg/cgroup.threads", $"{_sleeper.Pid}");

        var plan = _bench.Planner.PlanDestroy(_bench.Scope, true, new PlanOptions());

        Assert.Contains("has 1 process in it", Assert.Single(plan.Diagnostics).Message);
    }
}
