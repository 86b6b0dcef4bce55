using Provision.Reconciler;

namespace Provision.Testing;

/// <summary>The kind Cgroup on cgroup v2, witnessed by plain reads of its files.</summary>
[Trait("Needs", "cgroup-v2")]
public sealed class CgroupV2Tests : IDisposable
{
    private readonly CgroupBench _bench = new();

    public void Dispose() => _bench.Dispose();

    // An expected null: the value is the default, so that the controller is not even enabled.
    [RootTheory]
    [InlineData("{cpu: {weight: 1}}", "cpu.weight", "1")]
    [InlineData("{cpu: {weight: 10000}}", "cpu.weight", "10000")]
    [InlineData("{cpu: {weight: 100}}", "cpu.weight", null)]
    [InlineData("{cpu: {max: 0.01}}", "cpu.max", "1000 100000")]
    [InlineData("{cpu: {max: 150%}}", "cpu.max", "150000 100000")]
    [InlineData("{cpu: {max: 0.333333}}", "cpu.max", "33333 100000")]
    [InlineData("{cpu: {max: 1, period: 1ms}}", "cpu.max", "1000 1000")]
    [InlineData("{cpu: {max: 0.001, period: 1s}}", "cpu.max", "1000 1000000")]
    [InlineData("{cpu: {period: 1s}}", "cpu.max", "max 1000000")]
    [InlineData("{cpu: {max: max}}", "cpu.max", null)]
    [InlineData("{cpu: {max: 2, period: 1s, burst: 2s}}", "cpu.max.burst", "2000000")]
    [InlineData("{cpu: {max: 1, burst: 0ms}}", "cpu.max.burst", "0")]
    [InlineData("{cpu: {idle: true}}", "cpu.idle", "1")]
    [InlineData("{cpu: {idle: false}}", "cpu.idle", null)]
    [InlineData("{cpuset: {cpus: 1}}", "cpuset.cpus", "1")]
    [InlineData("{cpuset: {cpus: \"1,0\"}}", "cpuset.cpus", "0-1")]
    [InlineData("{cpuset: {cpus: inherit}}", "cpuset.cpus", null)]
    [InlineData("{cpuset: {mems: 0}}", "cpuset.mems", "0")]
    [InlineData("{cpuset: {partition: member}}", "cpuset.cpus.partition", null)]
    [InlineData("{memory: {max: 0}}", "memory.max", "0")]
    [InlineData("{memory: {max: 4097}}", "memory.max", "4096")]
    [InlineData("{memory: {max: 9223372036854771711}}", "memory.max", "9223372036854767616")]
    [InlineData("{memory: {max: 9223372036854771712}}", "memory.max", null)]
    [InlineData("{memory: {max: max}}", "memory.max", null)]
    [InlineData("{memory: {min: 0}}", "memory.min", null)]
    [InlineData("{memory: {min: 4095}}", "memory.min", null)]
    [InlineData("{memory: {min: 64Mi}}", "memory.min", "67108864")]
    [InlineData("{memory: {min: max}}", "memory.min", "max")]
    [InlineData("{memory: {low: 4097}}", "memory.low", "4096")]
    [InlineData("{memory: {low: max}}", "memory.low", "max")]
    [InlineData("{memory: {high: 0}}", "memory.high", "0")]
    [InlineData("{memory: {high: 4097}}", "memory.high", "4096")]
    [InlineData("{memory: {high: max}}", "memory.high", null)]
    [InlineData("{memory: {swapMax: 0}}", "memory.swap.max", "0")]
    [InlineData("{memory: {swapMax: 4097}}", "memory.swap.max", "4096")]
    [InlineData("{memory: {swapMax: max}}", "memory.swap.max", null)]
    [InlineData("{memory: {oomGroup: true}}", "memory.oom.group", "1")]
    [InlineData("{memory: {oomGroup: false}}", "memory.oom.group", null)]
    [InlineData("{io: {weight: 1}}", "io.weight", "default 1")]
    [InlineData("{io: {weight: 10000}}", "io.weight", "default 10000")]
    [InlineData("{io: {weight: 100}}", "io.weight", null)]
    [InlineData("{io: {max: [{device: /dev/vda, readBps: 2}]}}", "io.max", "254:0 rbps=2 wbps=max riops=max wiops=max")]
    [InlineData("{io: {max: [{device: \"254:0\", writeBps: 50M, writeIops: 4294967294}]}}", "io.max", "254:0 rbps=max wbps=50000000 riops=max wiops=4294967294")]
    [InlineData("{io: {max: [{device: /dev/vda, readIops: 2, writeIops: 2, readBps: 2, writeBps: 2}]}}", "io.max", "254:0 rbps=2 wbps=2 riops=2 wiops=2")]
    [InlineData("{io: {max: [{device: /dev/vda, readBps: max}]}}", "io.max", null)]
    [InlineData("{pids: {max: 0}}", "pids.max", "0")]
    [InlineData("{pids: {max: 4194304}}", "pids.max", "4194304")]
    [InlineData("{pids: {max: max}}", "pids.max", null)]
    [InlineData("{hugetlb: [{size: 2Mi, max: 0}]}", "hugetlb.2MB.max", "0")]
    [InlineData("{hugetlb: [{size: 2Mi, max: 5Mi}]}", "hugetlb.2MB.max", "4194304")]
    [InlineData("{hugetlb: [{size: 1Gi, max: 3Gi}, {size: 2Mi, max: max}]}", "hugetlb.1GB.max", "3221225472")]
    [InlineData("{hugetlb: [{size: 2Mi, max: 9223372036852678656}]}", "hugetlb.2MB.max", null)]
    public void Apply_OneField_IsInItsFileAndPlansEmpty(string spec, string file, string? expected)
    {
        _bench.Converge(CgroupBench.Doc("web", spec));

        Assert.Equal(expected, _bench.V2($"web.cg/{file}"));
        Assert.Equal(expected is null ? "" : file.Split('.')[0], _bench.V2("cgroup.subtree_control"));

        // Back to the defaults in place, which need no controller, and everything gone in the end.
        var back = _bench.Converge(CgroupBench.Doc("web", "{}"));
        Assert.DoesNotContain(back.Plan.Changes, static c => c.Action != ChangeAction.Update);
        Assert.Equal("", _bench.V2("cgroup.subtree_control"));
        Assert.Equal(ApplyOutcome.Done, _bench.Destroy().Outcome);
        Assert.Empty(_bench.Instance.CgroupDirectories());
    }

    [RootTheory]
    [InlineData("{memory: {max: 64Mi, swapMax: 0}}", "{memory: {max: 1Gi, swapMax: 1Gi, low: 1Mi, high: 512Mi, oomGroup: true}}")]
    [InlineData("{memory: {max: 64Mi, min: 1Mi}}", "{pids: {max: 5}}")]
    [InlineData("{cpu: {max: 0.5, period: 100ms, burst: 50ms}}", "{cpu: {max: 0.5, period: 200ms, burst: 100ms}}")]
    [InlineData("{cpu: {max: 2, burst: 200ms}}", "{cpu: {max: 1, burst: 100ms}}")]
    [InlineData("{cpu: {weight: 500}}", "{cpu: {idle: true}}")]
    [InlineData("{cpuset: {cpus: 0, mems: 0}}", "{cpuset: {cpus: 1}}")]
    [InlineData("{io: {max: [{device: /dev/vda, readBps: 1M, writeBps: 2M}]}}", "{io: {weight: 50, max: [{device: /dev/vda, readIops: 10}]}}")]
    [InlineData("{devices: {default: deny, allow: [{path: /dev/null}]}}", "{devices: {default: deny, allow: [{path: /dev/null, access: r}, {path: /dev/zero}]}}")]
    [InlineData("{devices: {default: deny, allow: [{path: /dev/null}]}}", "{devices: {default: allow}, hugetlb: [{size: 2Mi, max: 2Mi}]}")]
    public void Apply_FromOneToTheOtherAndBack_IsInPlaceAndUndoable(string first, string second)
    {
        _bench.Converge(CgroupBench.Doc("web", first));
        var files = Files();

        // A failure at the very last step takes everything back.
        var plan = _bench.Plan(CgroupBench.Doc("web", second));
        _bench.FailAt = plan.Plan.After.LastOrDefault()?.Text ?? plan.Plan.Changes[0].Operations[^1].Text;
        var failed = _bench.Apply(plan);
        _bench.FailAt = null;
        Assert.True(failed.Outcome == ApplyOutcome.RolledBack, CgroupBench.Describe(failed));
        Assert.Equal(files, Files());

        _bench.Converge(CgroupBench.Doc("web", second));
        _bench.Converge(CgroupBench.Doc("web", first));
        Assert.Equal(files, Files());
    }

    [RootFact]
    public void Apply_EverythingAtOnceAndAgain_SecondPlanIsEmpty()
    {
        _bench.Converge(
            CgroupBench.Doc("shop", "{cpu: {max: 1.5}, memory: {max: 512Mi}, cpuset: {cpus: 0-1}, io: {weight: 7}, hugetlb: [{size: 2Mi, max: 2Mi}]}"),
            CgroupBench.Doc("web", "{parent: shop, cpu: {weight: 200, max: 50%, burst: 10ms}, memory: {max: 256Mi, swapMax: 0}, pids: {max: 64}}"));

        Assert.Equal(("50000 100000", "150000 100000"), (_bench.V2("shop.cg/web.cg/cpu.max"), _bench.V2("shop.cg/cpu.max")));
        Assert.Equal("cpu memory pids", _bench.V2("shop.cg/cgroup.subtree_control"));
    }

    [RootFact]
    public void Merge_ForeignCgroup_KeepsWhatIsNotStatedAndGetsNoMark()
    {
        _bench.Converge(CgroupBench.Doc("web", "{pids: {max: 5}}"));
        Directory.CreateDirectory(_bench.Instance.Unified("theirs"));
        _bench.Foreign("pids", "theirs/pids.max", "77");
        var theirs = CgroupBench.Doc("theirs", "{memory: {max: 64Mi}}", ", managementPolicy: Merge");

        _bench.Converge(CgroupBench.Doc("web", "{pids: {max: 5}}"), theirs);
        Assert.Equal(("67108864", "77"), (_bench.V2("theirs/memory.max"), _bench.V2("theirs/pids.max")));

        // What ours needs no more, theirs may.
        _bench.Converge(CgroupBench.Doc("web", "{}"), theirs);
        Assert.Equal("77", _bench.V2("theirs/pids.max"));
        Assert.Equal(ApplyOutcome.Done, _bench.Destroy().Outcome);
        Assert.Equal("67108864", _bench.V2("theirs/memory.max"));
    }

    // What systemd's daemon-reload does to a cgroup that it takes for its own.
    [RootFact]
    public void Plan_ForeignReset_IsDriftAndRepaired()
    {
        var web = CgroupBench.Doc("web", "{memory: {max: 64Mi, swapMax: 0}, devices: {default: deny, allow: [{path: /dev/null}]}}");
        _bench.Converge(web);
        _bench.Foreign("memory", "web.cg/memory.swap.max", "max");
        BpfWitness.Attach(_bench.Instance.Unified("web.cg"), BpfWitness.AllowMulti);

        var fields = Assert.Single(_bench.Plan(web).Plan.Changes).Fields;
        Assert.All(fields, static f => Assert.Equal(Cause.Drift, f.Cause));
        Assert.Equal(["devices.allow[c 1:3]", "devices.default", "memory.swapMax"], fields.Select(static f => f.Path.ToString()).Order(StringComparer.Ordinal));
        _bench.Converge(web);

        Assert.Equal("0", _bench.V2("web.cg/memory.swap.max"));
        Assert.Single(BpfWitness.Programs(_bench.Instance.Unified("web.cg")));
    }

    [RootFact]
    public void Plan_ControllerDisabledByOthers_IsDriftAndRepaired()
    {
        var set = new[] { CgroupBench.Doc("shop", "{}"), CgroupBench.Doc("web", "{parent: shop, pids: {max: 5}}") };
        _bench.Converge(set);
        _bench.Foreign("pids", "shop.cg/cgroup.subtree_control", "-pids");

        Assert.All(Assert.Single(_bench.Plan(set).Plan.Changes).Fields, static f => Assert.Equal(Cause.Drift, f.Cause));
        _bench.Converge(set);

        Assert.Equal("5", _bench.V2("shop.cg/web.cg/pids.max"));
    }

    [RootTheory]
    [InlineData("{cpuset: {cpus: 0-7}}", "not 2-7")]
    [InlineData("{io: {max: [{device: /dev/vda, readBps: 1}]}}", "io.max takes no rbps under 2")]
    [InlineData("{io: {max: [{device: /dev/null, readBps: 1M}]}}", "/dev/null is not a block device")]
    [InlineData("{io: {max: [{device: \"254:99\", readBps: 1M}]}}", "254:99 is not a block device")]
    [InlineData("{devices: {default: deny, allow: [{path: /dev/none}]}}", "/dev/none is not a device node")]
    [InlineData("{hugetlb: [{size: 3Mi, max: 3Mi}]}", "no huge pages of 3Mi")]
    public void Plan_WhatThisHostCannotExpress_IsAnErrorBeforeAnyWrite(string spec, string expected)
    {
        var plan = _bench.Plan(CgroupBench.Doc("web", spec));

        Assert.Contains(expected, Assert.Single(plan.Diagnostics).Message);
        Assert.Empty(_bench.Instance.CgroupDirectories());
    }

    // Every file that a limit of ours can be in, and the controllers of the cgroup above.
    private string Files() => Command.Run("sh", ["-c",
        $"cd {_bench.Instance.Unified()} && for f in cgroup.subtree_control web.cg/*; do case $f in *.max|*.max.burst|*.weight|*.idle|*.min|*.low|*.high|*.group|*.cpus|*.mems|*.partition|*_control) echo $f; cat $f;; esac; done"]).Succeeded().Out
        + string.Join(' ', BpfWitness.Programs(_bench.Instance.Unified("web.cg")).Select(static p => p.Tag));
}
