using CsCheck;
using Provision.Reconciler;

namespace Provision.Drivers.Tests.Cgroup;

/// <summary>From any declaration to any other, on both versions: reached in one apply, empty after, undone whole.</summary>
public sealed class CgroupPropertyTests
{
    private static readonly Gen<string> Cpu = OneOf(
        "", "cpu: {weight: 1}", "cpu: {weight: 9999, max: 0.5}", "cpu: {max: 1.5, period: 50ms, burst: 75ms}", "cpu: {max: 0.333333, period: 300ms}",
        "cpu: {idle: true}", "cpu: {idle: true, max: 0.2}", "cpu: {max: 0.5, period: 1s, burst: 1ms}");

    private static readonly Gen<string> Memory = OneOf(
        "", "memory: {max: 4097}", "memory: {max: 64Mi, swapMax: 0}", "memory: {max: 64Mi, swapMax: 1Gi}", "memory: {max: 1Gi, swapMax: 1}", "memory: {max: max}");

    private static readonly Gen<string> Rest = OneOf(
        "", "pids: {max: 0}", "io: {weight: 7}", "io: {max: [{device: /dev/vda, readBps: 5M, writeIops: 9}]}", "io: {max: [{device: \"254:0\", readBps: 6M}, {device: \"8:0\", readBps: max}]}",
        "hugetlb: [{size: 2Mi, max: 5Mi}, {size: 1Gi, max: max}]", "cpuset: {cpus: 0-1}", "cpuset: {cpus: 1-2}", "devices: {default: allow}");

    private static readonly Gen<string> Devices = OneOf(
        "", "devices: {default: deny}", "devices: {default: deny, allow: [{path: /dev/null}]}",
        "devices: {default: deny, allow: [{path: /dev/null, access: r}, {type: char, major: 136, minor: \"*\", access: rw}, {path: /dev/zero}]}");

    private static readonly Gen<string> Leaf = Gen.Select(Cpu, Memory, Rest, Devices).Select(static (a, b, c, d) =>
        "{" + string.Join(", ", new[] { a, b, c, c.StartsWith("devices", StringComparison.Ordinal) ? "" : d }.Where(static s => s.Length > 0)) + "}");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Apply_AnyToAny_ConvergesAndUnwinds(bool unified) => Gen.Select(Leaf, Leaf, Gen.Int[0, 30]).Sample((first, second, failing) =>
    {
        var host = new FakeHost(unified ? FakeCgroups.V2() : FakeCgroups.Hybrid());
        host.Converge(FakeHost.Set(FakeHost.Doc("web", first)));
        var before = host.Kernel.Dump();

        // Whichever operation fails, everything is as it was.
        var plan = host.Plan(FakeHost.Set(FakeHost.Doc("web", second)));
        var operations = plan.Plan.Before.Concat(plan.Plan.Changes.SelectMany(static c => c.Operations)).ToList();
        if (operations.Count > 0)
        {
            host.Kernel.FailAt = operations[failing % operations.Count].Text;
            var failed = host.Apply(plan);
            host.Kernel.FailAt = null;
            Assert.True(failed.Outcome == ApplyOutcome.RolledBack, FakeHost.Describe(failed));
            Assert.Equal(Settled(before), Settled(host.Kernel.Dump()));
        }

        host.Converge(FakeHost.Set(FakeHost.Doc("web", second)));
        host.Converge(FakeHost.Set(FakeHost.Doc("web", first)));
        // Controllers too: what the second needed and the first does not is not left enabled.
        Assert.Equal(before, host.Kernel.Dump());
        Assert.Equal(ApplyOutcome.Done, host.Destroy().Outcome);
        Assert.Equal("", host.Kernel.Dump());
    }, iter: 100);

    [Fact]
    public void Apply_ParentAndChildFromAnyToAny_NeverBreaksTheHierarchysRules()
    {
        var cpus = OneOf("0", "1", "0-1", "2-3", "0-3");
        var share = Gen.Int[1, 8];
        var state = Gen.Select(cpus, share, Gen.Bool, share, OneOf("10ms", "100ms", "1s")).Select(static (set, all, narrow, part, period) => FakeHost.Set(
            FakeHost.Doc("shop", $"{{cpuset: {{cpus: {set}}}, cpu: {{max: {all}, period: {period}}}}}"),
            FakeHost.Doc("web", $"{{parent: shop, cpuset: {{cpus: {(narrow ? set.Split('-')[0] : "inherit")}}}, cpu: {{max: {Math.Min(all, part)}}}}}")));
        Gen.Select(state, state).Sample((first, second) =>
        {
            var host = new FakeHost(FakeCgroups.Hybrid());
            host.Converge(first);
            host.Converge(second);
            host.Converge(first);
        }, iter: 100);
    }

    private static Gen<string> OneOf(params string[] choices) => Gen.Int[0, choices.Length - 1].Select(i => choices[i]);

    // Controllers that were enabled for a change that failed may stay enabled below the instance's root: their
    // files then say that nothing is limited.
    private static string Settled(string dump) => string.Join('\n', dump.Split('\n')
        .Where(static l => !l.Contains("subtree_control", StringComparison.Ordinal))
        .Where(static l => !(l.StartsWith("unified", StringComparison.Ordinal) && Unlimited.Any(u => l.EndsWith(u, StringComparison.Ordinal)))));

    private static readonly string[] Unlimited =
    [
        "cpu.weight = 100", "cpu.max = max 100000", "cpu.max.burst = 0", "cpu.idle = 0", "cpuset.cpus = ", "cpuset.mems = ", "partition = member",
        "memory.min = 0", "memory.low = 0", "memory.high = max", "memory.max = max", "swap.max = max", "oom.group = 0", "current = 0",
        "io.max = ", "io.bfq.weight = default 100", "pids.max = max", "2MB.max = max", "1GB.max = max",
    ];
}
