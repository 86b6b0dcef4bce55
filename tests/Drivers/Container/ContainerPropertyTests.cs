using CsCheck;
using Provision.Drivers.Tests.Cgroup;
using Provision.Kernel.Containers;
using Provision.Reconciler;

namespace Provision.Drivers.Tests.Container;

/// <summary>From any declaration to any other: reached in one apply, empty after, undone whole; what can be changed in place keeps the process.</summary>
public sealed class ContainerPropertyTests
{
    private static readonly Gen<string> Rlimits = OneOf("", "rlimits: {nofile: {soft: 10, hard: 20}}", "rlimits: {nofile: {soft: 20, hard: max}, core: {soft: 0, hard: 0}}");

    private static readonly Gen<string> Networks = OneOf(
        "", "networks: [{bridge: web0, interface: eth0, addresses: [10.88.0.2/24]}]",
        "networks: [{bridge: web0, interface: eth0, addresses: [10.88.0.3/24, 10.88.0.4/24], routes: [{to: default, via: 10.88.0.1}]}]",
        "networks: [{bridge: web0, interface: eth0, macAddress: 02:00:00:88:00:02}, {bridge: db0, interface: eth1}]",
        "networks: [{bridge: db0, interface: eth0}]");

    private static readonly Gen<string> Supervision = OneOf(
        "", "restart: {policy: Never}", "restart: {policy: OnFailure, backoff: {initial: 1s, max: 2s}, maxRetries: 3}", "stop: {signal: INT, timeout: 1s}",
        "logging: {maxSize: 1Mi}", "hostname: other", "oomScoreAdj: 500", "hostname: third, oomScoreAdj: -5, logging: {maxFiles: 9}");

    private static readonly Gen<string> Resources = OneOf(
        "", "resources: {memory: {max: 64Mi}}", "resources: {pids: {max: 32}, cpu: {max: 0.5}}", "resources: {devices: {default: deny}}",
        "resources: {io: {max: [{device: /dev/vda, readBps: 5M}]}, memory: {max: 32Mi, swapMax: 0}}");

    private static readonly Gen<string> Fixed = OneOf(
        "", "args: [a]", "env: {A: b}", "rootfs: {directory: /srv/root}", "rootfs: {directory: /srv/root, readOnly: true}", "user: {uid: 7}", "workingDir: /srv",
        "namespaces: {pid: host}", "mounts: [{type: tmpfs, target: /run}]", "security: {noNewPrivileges: false}", "security: {capabilities: {keep: []}}",
        "sysctls: {net.ipv4.ip_forward: \"1\"}", "devices: [{path: /dev/zero}]");

    private static readonly Gen<string> InPlace = Join(Rlimits, Networks, Supervision, Resources);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Apply_AnyToAny_ConvergesAndDestroysWhole(bool unified) => Gen.Select(Gen.Select(InPlace, Fixed), Gen.Select(InPlace, Fixed)).Sample((first, second) =>
    {
        var host = new FakeHost(unified ? FakeCgroups.V2() : FakeCgroups.Hybrid());
        host.Converge(Set(first.Item1, first.Item2));
        host.Converge(Set(second.Item1, second.Item2));
        host.Converge(Set(first.Item1, first.Item2));
        Assert.Equal(ApplyOutcome.Done, host.Destroy().Outcome);
        Assert.Equal("\n", host.Dump());
    }, iter: 100);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Apply_InPlaceToInPlace_KeepsTheProcessAndUnwinds(bool unified) => Gen.Select(InPlace, InPlace, Fixed, Gen.Int[0, 30]).Sample((first, second, same, failing) =>
    {
        var host = new FakeHost(unified ? FakeCgroups.V2() : FakeCgroups.Hybrid());
        host.Converge(Set(first, same));
        var (pid, before) = (host.Containers["web-1"].Pid, host.Containers.Dump());

        var plan = host.Plan(Set(second, same));
        Assert.All(plan.Plan.Changes, static c => Assert.Equal(ChangeAction.Update, c.Action));
        Assert.DoesNotContain(plan.Plan.Changes.SelectMany(static c => c.Operations), static o => o is ContainerStart or ContainerStop or ContainerRemove);
        if (plan.Plan.Changes.SelectMany(static c => c.Operations).OfType<ContainerOperation>().ToList() is { Count: > 0 } operations)
        {
            host.Containers.FailAt = operations[failing % operations.Count].Text;
            var failed = host.Apply(plan);
            host.Containers.FailAt = null;
            Assert.True(failed.Outcome == ApplyOutcome.RolledBack, Tests.Cgroup.FakeHost.Describe(failed));
            Assert.Equal(before, host.Containers.Dump());
        }

        host.Converge(Set(second, same));
        Assert.Equal(pid, host.Containers["web-1"].Pid);
    }, iter: 100);

    [Fact]
    public void Plan_OneFixedField_ReplacesAndSaysWhich() => Gen.Select(InPlace, Fixed).Sample((same, moved) =>
    {
        var host = new FakeHost(FakeCgroups.Hybrid());
        host.Converge(Set(same, ""));
        if (moved.Length == 0)
            return;

        var change = Assert.Single(host.Plan(Set(same, moved)).Plan.Changes);

        Assert.Equal(ChangeAction.Replace, change.Action);
        Assert.StartsWith(moved.Split([':', '{'])[0], change.Reason, StringComparison.Ordinal);
    }, iter: 60);

    private static Spec.ResourceSet Set(string inPlace, string constant) => FakeHost.Set(
        FakeHost.Doc("shop", "{memory: {max: 1Gi}}", "Cgroup"),
        FakeHost.Doc("web0", "{addresses: [10.88.0.1/24]}", "Bridge"),
        FakeHost.Doc("db0", "{}", "Bridge"),
        FakeHost.Doc("web-1", $"{{{string.Join(", ", new[] { "command: [/bin/true]", "cgroup: shop", inPlace, constant }.Where(static s => s.Length > 0))}}}"));

    private static Gen<string> OneOf(params string[] choices) => Gen.Int[0, choices.Length - 1].Select(i => choices[i]);

    private static Gen<string> Join(params Gen<string>[] parts) =>
        parts.Aggregate((one, other) => Gen.Select(one, other).Select(static (a, b) => string.Join(", ", new[] { a, b }.Where(static s => s.Length > 0))));
}
