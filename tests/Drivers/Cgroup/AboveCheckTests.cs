using Provision.Drivers.Cgroup;
using Provision.Spec;

namespace Provision.Drivers.Tests.Cgroup;

/// <summary>Cgroups of cgroup v2 above one that cannot pass on what it needs: told before the first write.</summary>
public sealed class AboveCheckTests
{
    private readonly FakeHost _host = new(FakeCgroups.V2());

    public AboveCheckTests()
    {
        _host.Converge(FakeHost.Set(FakeHost.Doc("shop", "{}")));
        _host.Kernel.Make("unified", "provision/shop.cg/theirs");
    }

    private void Theirs(string file, string value) => _host.Kernel.Foreign("unified", "provision/shop.cg/theirs", file, value);

    private IEnumerable<Diagnostic> Plan(string below) => _host.Plan(FakeHost.Set(
        FakeHost.Doc("shop", "{}"), FakeHost.Doc("theirs", "{parent: shop}", ", managementPolicy: Merge"),
        FakeHost.Doc("web", $"{{parent: theirs{below}}}"))).Diagnostics;

    [Theory]
    [InlineData(", memory: {max: 1Gi}, pids: {max: 5}", "memory, pids")]
    [InlineData(", cpu: {weight: 5}", "cpu")]
    public void Plan_ProcessesAbove_AreNamedWithWhatTheyBar(string needs, string barred)
    {
        Theirs("cgroup.procs", "12\n13");

        var problem = Assert.Single(Plan(needs));

        Assert.Equal(CgroupCodes.ProcessesAbove, problem.Code);
        Assert.Contains($"provision/shop.cg/theirs has 2 processes in it and so cannot pass on {barred}", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_ProcessesAboveThatBarNothing_AreFine()
    {
        Theirs("cgroup.procs", "12");

        Assert.Empty(Plan(""));
    }

    [Theory]
    [InlineData("domain threaded", "")]
    [InlineData("threaded", ", memory: {max: 1Gi}")]
    [InlineData("domain invalid", ", pids: {max: 5}")]
    public void Plan_ThreadedAbove_IsRefused(string type, string needs)
    {
        Theirs("cgroup.type", type);

        var problem = Assert.Single(Plan(needs));

        Assert.Equal(CgroupCodes.ThreadedAbove, problem.Code);
        Assert.Contains($"theirs is {type}", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_ProcessesInTheRootOfACgroupNamespace_AreToldOf()
    {
        var host = new FakeHost(FakeCgroups.V2());
        host.Kernel.PutRootInANamespace();
        host.Kernel.Foreign("unified", "", "cgroup.procs", "12");

        var problem = Assert.Single(host.Plan(FakeHost.Set(FakeHost.Doc("web", "{memory: {max: 1Gi}}"))).Diagnostics);

        Assert.Equal(CgroupCodes.ProcessesAbove, problem.Code);
        Assert.Contains("the root of this cgroup namespace has 1 process", problem.Message, StringComparison.Ordinal);
    }
}
