using Provision.Drivers.Tests.Cgroup;
using Provision.Kernel.Supervise;
using Provision.Reconciler;
using Provision.Reconciler.Reports;

namespace Provision.Drivers.Tests.Container;

/// <summary>How each field of a container was read is told as it is.</summary>
public sealed class EvidenceTests
{
    private const string Spec = "{command: [/bin/true], networks: [{bridge: br0, interface: eth0, addresses: [10.0.0.2/24]}], rlimits: {nofile: {soft: 10, hard: 20}}, restart: {policy: Never}}";

    [Theory]
    [InlineData("command", "xattr", Confidence.Recorded, "xattr")]
    [InlineData("env", "xattr", Confidence.Recorded, "xattr")]
    [InlineData("rootfs", "xattr", Confidence.Recorded, "xattr")]
    [InlineData("security.maskedPaths", "xattr", Confidence.Recorded, "xattr")]
    [InlineData("restart.policy", "supervisor", Confidence.Recorded, "supervisor")]
    [InlineData("logging.maxFiles", "supervisor", Confidence.Recorded, "supervisor")]
    [InlineData("cgroup", "cgroupfs", Confidence.Kernel, "cgroupfs")]
    [InlineData("resources.memory.max", "cgroupfs", Confidence.Kernel, "cgroupfs")]
    [InlineData("running", "cgroupfs", Confidence.Kernel, "xattr")]
    [InlineData("namespaces.pid", "procfs", Confidence.Kernel, "xattr")]
    [InlineData("rlimits.nofile.soft", "procfs", Confidence.Kernel, "xattr")]
    [InlineData("oomScoreAdj", "procfs", Confidence.Kernel, "xattr")]
    [InlineData("hostname", "uname", Confidence.Kernel, "xattr")]
    [InlineData("networks", "rtnetlink", Confidence.Kernel, "xattr")]
    [InlineData("security.noNewPrivileges", "procfs", Confidence.Kernel, "xattr")]
    [InlineData("security.seccomp", "procfs", Confidence.CountOnly, "xattr")]
    public void Field_OfAContainer_IsReadByWhatKnowsIt(string field, string running, Confidence confidence, string ended)
    {
        var host = new FakeHost(FakeCgroups.Hybrid());
        var set = FakeHost.Set(FakeHost.Doc("br0", "{}", "Bridge"), FakeHost.Doc("web-1", Spec));
        host.Converge(set);
        Assert.Equal(new Evidence(running, confidence), Read(host.Drift(set, deep: false), field));

        host.Containers["web-1"].End(RunState.Exited, 0);

        Assert.Equal(ended, Read(host.Drift(set, deep: false), field)?.Method);
    }

    [Fact]
    public void Devices_OnCgroupV2_AreReadAsPrograms()
    {
        var host = new FakeHost(FakeCgroups.V2("pids"));
        var set = FakeHost.Set(FakeHost.Doc("shop", "{devices: {default: deny}, pids: {max: 5}}", "Cgroup"));
        host.Converge(set);

        var report = host.Drift(set, deep: false);

        Assert.Equal("bpf", Read(report, "devices.default")?.Method);
        Assert.Equal("cgroupfs", Read(report, "pids.max")?.Method);
    }

    // A whole field in one list, or its members apart where they were not read alike.
    private static Evidence? Read(DriftReport report, string field) =>
        (report.Checked.FirstOrDefault(c => c.Fields.Contains(field)) ?? report.Checked.FirstOrDefault(c => c.Fields.Contains(field.Split('.')[0])))?.Read;
}
