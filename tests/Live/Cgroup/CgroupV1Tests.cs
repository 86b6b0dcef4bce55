using Provision.Reconciler;

namespace Provision.Testing;

/// <summary>The kind Cgroup on cgroup v1, witnessed by plain reads of its files.</summary>
[Trait("Needs", "cgroup-v1")]
public sealed class CgroupV1Tests : IDisposable
{
    private readonly CgroupBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [RootTheory]
    [InlineData("{cpu: {weight: 1}}", "cpu", "cpu.shares", "2")]
    [InlineData("{cpu: {weight: 10000}}", "cpu", "cpu.shares", "262144")]
    [InlineData("{cpu: {weight: 100}}", "cpu", "cpu.shares", "1024")]
    [InlineData("{cpu: {max: 0.01}}", "cpu", "cpu.cfs_quota_us", "1000")]
    [InlineData("{cpu: {max: 150%}}", "cpu", "cpu.cfs_quota_us", "150000")]
    [InlineData("{cpu: {max: 0.333333}}", "cpu", "cpu.cfs_quota_us", "33333")]
    [InlineData("{cpu: {max: 2, period: 1s, burst: 2s}}", "cpu", "cpu.cfs_burst_us", "2000000")]
    [InlineData("{cpu: {max: 1, period: 1ms}}", "cpu", "cpu.cfs_period_us", "1000")]
    [InlineData("{cpu: {max: max}}", "cpu", "cpu.cfs_quota_us", "-1")]
    [InlineData("{cpu: {idle: true}}", "cpu", "cpu.idle", "1")]
    [InlineData("{cpuset: {cpus: 1, mems: 0}}", "cpuset", "cpuset.cpus", "1")]
    [InlineData("{cpuset: {cpus: inherit}}", "cpuset", "cpuset.cpus", "0-1")]
    [InlineData("{memory: {max: 0}}", "memory", "memory.limit_in_bytes", "0")]
    [InlineData("{memory: {max: 4097}}", "memory", "memory.limit_in_bytes", "4096")]
    [InlineData("{memory: {max: max}}", "memory", "memory.limit_in_bytes", "9223372036854771712")]
    [InlineData("{memory: {max: 256Mi, swapMax: 64Mi}}", "memory", "memory.memsw.limit_in_bytes", "335544320")]
    [InlineData("{memory: {max: 256Mi, swapMax: 0}}", "memory", "memory.memsw.limit_in_bytes", "268435456")]
    [InlineData("{io: {weight: 1}}", "blkio", "blkio.bfq.weight", "1")]
    [InlineData("{io: {weight: 1000}}", "blkio", "blkio.bfq.weight", "1000")]
    [InlineData("{io: {max: [{device: /dev/vda, readBps: 50M}]}}", "blkio", "blkio.throttle.read_bps_device", "254:0 50000000")]
    [InlineData("{io: {max: [{device: \"254:0\", writeIops: 4294967294}]}}", "blkio", "blkio.throttle.write_iops_device", "254:0 4294967294")]
    [InlineData("{io: {max: [{device: /dev/vda, readBps: max}]}}", "blkio", "blkio.throttle.read_bps_device", "")]
    [InlineData("{pids: {max: 0}}", "pids", "pids.max", "0")]
    [InlineData("{pids: {max: 4194304}}", "pids", "pids.max", "4194304")]
    [InlineData("{devices: {default: deny}}", "devices", "devices.list", "")]
    [InlineData("{devices: {default: deny, allow: [{path: /dev/null}, {type: char, major: 136, minor: \"*\", access: wr}]}}", "devices", "devices.list", "c 136:* rw\nc 1:3 rwm")]
    [InlineData("{devices: {default: deny, allow: [{path: /dev/null, access: r}, {type: char, major: 1, minor: 3, access: m}]}}", "devices", "devices.list", "c 1:3 rm")]
    [InlineData("{devices: {default: allow}}", "devices", "devices.list", "a *:* rwm")]
    public void Apply_OneField_IsInItsFileAndPlansEmpty(string spec, string controller, string file, string expected)
    {
        _bench.Converge(CgroupBench.Doc("web", spec));

        Assert.Equal(expected, _bench.V1(controller, $"web.cg/{file}"));

        // Back to the defaults in place, and everything gone in the end.
        var back = _bench.Converge(CgroupBench.Doc("web", "{}"));
        Assert.DoesNotContain(back.Plan.Changes, static c => c.Action != ChangeAction.Update);
        Assert.Equal(ApplyOutcome.Done, _bench.Destroy().Outcome);
        Assert.Empty(_bench.Instance.CgroupDirectories());
    }

    [RootFact]
    public void Apply_LessThanWhatMovesOutHad_WaitsUntilTheKernelHasForgottenIt()
    {
        for (var round = 0; round < 5; round++)
        {
            _bench.Converge(CgroupBench.Doc("top", "{cpu: {max: 1.5}, cpuset: {cpus: 0-1}}"), CgroupBench.Doc("web", "{parent: top, cpu: {max: 1.2}, cpuset: {cpus: 0-1}}"));

            _bench.Converge(CgroupBench.Doc("top", "{cpu: {max: 0.5}, cpuset: {cpus: 0}}"), CgroupBench.Doc("web", "{cpu: {max: 1.2}, cpuset: {cpus: 0-1}}"));

            Assert.Equal(("50000", "0", "120000"), (_bench.V1("cpu", "top.cg/cpu.cfs_quota_us"), _bench.V1("cpuset", "top.cg/cpuset.cpus"), _bench.V1("cpu", "web.cg/cpu.cfs_quota_us")));
        }
    }

    [RootFact]
    public void Apply_HugetlbOnTheUnifiedHierarchy_EnablesItAndTakesItBack()
    {
        var control = $"{Hierarchies.Unified}/cgroup.subtree_control";
        var before = File.ReadAllText(control);

        _bench.Converge(CgroupBench.Doc("web", "{hugetlb: [{size: 2Mi, max: 5Mi}]}"));
        Assert.Equal("4194304", _bench.V2("web.cg/hugetlb.2MB.max"));
        _bench.Converge(CgroupBench.Doc("web", "{}"));
        Assert.Null(_bench.V2("web.cg/hugetlb.2MB.max"));
        Assert.Equal(ApplyOutcome.Done, _bench.Destroy().Outcome);

        // Where others have cgroups of their own, they may lean on it by now: it stays.
        var others = Directory.EnumerateDirectories(Hierarchies.Unified!).Any();
        Assert.Equal(others || before.Contains("hugetlb", StringComparison.Ordinal), File.ReadAllText(control).Contains("hugetlb", StringComparison.Ordinal));
    }

    [RootFact]
    public void Apply_EverythingAtOnceAndAgain_SecondPlanIsEmpty()
    {
        _bench.Converge(
            CgroupBench.Doc("shop", "{cpu: {max: 1.5}, memory: {max: 512Mi}, cpuset: {cpus: 0-1}}"),
            CgroupBench.Doc("web", "{parent: shop, cpu: {weight: 200, max: 50%, burst: 10ms}, memory: {max: 256Mi, swapMax: 0}, pids: {max: 64}}"));

        Assert.Equal("50000", _bench.V1("cpu", "shop.cg/web.cg/cpu.cfs_quota_us"));
        Assert.Equal("150000", _bench.V1("cpu", "shop.cg/cpu.cfs_quota_us"));
    }

    [RootTheory]
    [InlineData("{memory: {max: 64Mi, swapMax: 0}}", "{memory: {max: 1Gi, swapMax: 1Gi}}")]
    [InlineData("{memory: {max: 64Mi, swapMax: 64Mi}}", "{memory: {max: 128Mi, swapMax: 0}}")]
    [InlineData("{memory: {max: 64Mi, swapMax: 0}}", "{}")]
    [InlineData("{cpu: {max: 0.01}}", "{cpu: {max: 0.001, period: 1s}}")]
    [InlineData("{cpu: {max: 0.5, period: 100ms, burst: 50ms}}", "{cpu: {max: 0.5, period: 200ms, burst: 100ms}}")]
    [InlineData("{cpu: {max: 2, burst: 200ms}}", "{cpu: {max: 1, burst: 100ms}}")]
    [InlineData("{cpu: {weight: 500}}", "{cpu: {idle: true}}")]
    [InlineData("{cpuset: {cpus: 0}}", "{cpuset: {cpus: 1}}")]
    [InlineData("{devices: {default: deny, allow: [{path: /dev/null}]}}", "{devices: {default: deny, allow: [{path: /dev/null, access: r}, {path: /dev/zero}]}}")]
    [InlineData("{devices: {default: deny, allow: [{path: /dev/null}]}}", "{devices: {default: allow}}")]
    [InlineData("{io: {max: [{device: /dev/vda, readBps: 1M, writeBps: 2M}]}}", "{io: {weight: 50, max: [{device: /dev/vda, readIops: 10}]}}")]
    public void Apply_FromOneToTheOtherAndBack_IsInPlaceAndUndoable(string first, string second)
    {
        _bench.Converge(CgroupBench.Doc("web", first));
        var inode = Inode();
        var files = Files();

        // A failure at the last step (the mark) takes everything back.
        var plan = _bench.Plan(CgroupBench.Doc("web", second));
        _bench.FailAt = plan.Plan.Changes[0].Operations[^1].Text;
        var failed = _bench.Apply(plan);
        _bench.FailAt = null;
        Assert.True(failed.Outcome == ApplyOutcome.RolledBack, CgroupBench.Describe(failed));
        Assert.Equal(files, Files());

        _bench.Converge(CgroupBench.Doc("web", second));
        _bench.Converge(CgroupBench.Doc("web", first));
        Assert.Equal(files, Files());
        Assert.Equal(inode, Inode());
    }

    [RootFact]
    public void Apply_ParentAndChildMoveTogether_ReachTheNewState()
    {
        _bench.Converge(
            CgroupBench.Doc("shop", "{cpuset: {cpus: 0}, cpu: {max: 1}}"),
            CgroupBench.Doc("web", "{parent: shop, cpuset: {cpus: 0}, cpu: {max: 0.9}}"));

        _bench.Converge(
            CgroupBench.Doc("shop", "{cpuset: {cpus: 1}, cpu: {max: 0.2}}"),
            CgroupBench.Doc("web", "{parent: shop, cpuset: {cpus: 1}, cpu: {max: 0.2}}"));
        Assert.Equal("1", _bench.V1("cpuset", "shop.cg/web.cg/cpuset.cpus"));

        _bench.Converge(
            CgroupBench.Doc("shop", "{cpuset: {cpus: 0-1}, cpu: {max: 2}}"),
            CgroupBench.Doc("web", "{parent: shop, cpu: {max: 2}}"));
        Assert.Equal("0-1", _bench.V1("cpuset", "shop.cg/web.cg/cpuset.cpus"));
    }

    [RootFact]
    public void Plan_ForeignChange_IsDriftAndRepaired()
    {
        var web = CgroupBench.Doc("web", "{pids: {max: 64}}");
        _bench.Converge(web);
        File.WriteAllText(_bench.Instance.V1("pids", "web.cg/pids.max"), "7");
        File.WriteAllText(_bench.Instance.V1("blkio", "web.cg/blkio.throttle.read_bps_device"), "254:0 1000");

        var fields = Assert.Single(_bench.Plan(web).Plan.Changes).Fields;
        Assert.All(fields, static f => Assert.Equal(Cause.Drift, f.Cause));
        Assert.Equal(["io.max[254:0]", "pids.max"], fields.Select(static f => f.Path.ToString()).Order());
        _bench.Converge(web);
        Assert.Equal("64", _bench.V1("pids", "web.cg/pids.max"));
    }

    [RootFact]
    public void Merge_ForeignCgroup_KeepsWhatIsNotStatedAndGetsNoMark()
    {
        _bench.Converge(CgroupBench.Doc("web", "{}"));
        Directory.CreateDirectory(_bench.Instance.V1("memory", "theirs"));
        Directory.CreateDirectory(_bench.Instance.V1("pids", "theirs"));
        File.WriteAllText(_bench.Instance.V1("pids", "theirs/pids.max"), "77");

        _bench.Converge(CgroupBench.Doc("web", "{}"), CgroupBench.Doc("theirs", "{memory: {max: 64Mi}}", ", managementPolicy: Merge"));

        Assert.Equal("67108864", _bench.V1("memory", "theirs/memory.limit_in_bytes"));
        Assert.Equal("77", _bench.V1("pids", "theirs/pids.max"));
        Assert.False(Directory.Exists(_bench.Instance.V1("cpu", "theirs")));
        Assert.Equal(ApplyOutcome.Done, _bench.Destroy().Outcome);
        Assert.True(Directory.Exists(_bench.Instance.V1("memory", "theirs")));
    }

    [RootFact]
    public void Plan_OneHierarchyTornAway_IsCompleted()
    {
        var web = CgroupBench.Doc("web", "{pids: {max: 3}}");
        _bench.Converge(web);
        Directory.Delete(_bench.Instance.V1("pids", "web.cg"));
        _bench.Converge(web);
        Directory.Delete(_bench.Instance.Unified("web.cg"));
        _bench.Converge(web);

        Assert.Equal("3", _bench.V1("pids", "web.cg/pids.max"));
    }

    [RootTheory]
    [InlineData("{memory: {low: 64Mi}}", "memory.low needs cgroup v2")]
    [InlineData("{memory: {oomGroup: true}}", "memory.oomGroup needs cgroup v2")]
    [InlineData("{cpuset: {partition: root}}", "cpuset.partition needs cgroup v2")]
    [InlineData("{memory: {swapMax: 0}}", "memory.swapMax needs memory.max")]
    [InlineData("{cpuset: {cpus: 0-7}}", "this host has 0-1, not 2-7")]
    [InlineData("{io: {weight: 5000}}", "blkio.bfq.weight takes 1 to 1000")]
    [InlineData("{io: {max: [{device: /dev/null, readBps: 1M}]}}", "/dev/null is not a block device")]
    [InlineData("{devices: {default: deny, allow: [{path: /dev/none}]}}", "/dev/none is not a device node")]
    [InlineData("{hugetlb: [{size: 3Mi, max: 3Mi}]}", "no huge pages of 3Mi")]
    public void Plan_WhatThisHostCannotExpress_IsAnErrorBeforeAnyWrite(string spec, string expected)
    {
        var plan = _bench.Plan(CgroupBench.Doc("web", spec));

        Assert.Contains(expected, Assert.Single(plan.Diagnostics).Message);
        Assert.Empty(_bench.Instance.CgroupDirectories());
    }

    private string Inode() => Command.Run("stat", ["-c", "%i", _bench.Instance.V1("memory", "web.cg")]).Succeeded().Out;

    // Every file that a limit of ours can be in.
    private string Files() => Command.Run("sh", ["-c",
        $"for f in /sys/fs/cgroup/*/{_bench.Instance.CgroupRoot}/web.cg/*; do case $f in *cpu.shares|*cfs_*|*cpu.idle|*cpuset.cpus|*cpuset.mems|*limit_in_bytes|*devices.list|*throttle*_device|*bfq.weight|*pids.max) case $f in *kmem*|*soft*) ;; *) echo $f; sort $f;; esac;; esac; done"]).Succeeded().Out;
}
