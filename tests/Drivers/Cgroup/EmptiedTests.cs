using Provision.Reconciler;

namespace Provision.Drivers.Tests.Cgroup;

/// <summary>
/// A Cgroup that gets smaller while one that has more moves out of it: cgroup v1 refuses that (EBUSY, EINVAL) as long as the
/// other is there.
/// </summary>
public sealed class EmptiedTests
{
    private const string Little = "cpuset: {cpus: \"0\"}, cpu: {max: \"0.5\"}";
    private const string Much = "cpuset: {cpus: 0-1}, cpu: {max: \"1.5\"}";

    private readonly FakeHost _host = new(FakeCgroups.Hybrid());

    [Theory]
    [InlineData("{Much}")]
    [InlineData("{parent: other, Much}")]
    public void Apply_OneThatHasMoreMovesOut_ShrinksAfter(string spec)
    {
        var other = FakeHost.Doc("other", $"{{{Much}}}");
        _host.Converge(FakeHost.Set(other, FakeHost.Doc("top", $"{{{Much}}}"), FakeHost.Doc("mid", $"{{parent: top, {Much}}}"), FakeHost.Doc("leaf", $"{{parent: mid, {Much}}}")));

        _host.Converge(FakeHost.Set(
            other, FakeHost.Doc("top", $"{{{Little}}}"), FakeHost.Doc("mid", $"{{parent: top, {Little}}}"), FakeHost.Doc("leaf", spec.Replace("Much", Much, StringComparison.Ordinal))));

        Assert.Equal("0\n", _host.Kernel.Read(_host.Kernel.Layout.For("cpuset")!, "provision/top.cg/mid.cg", "cpuset.cpus"));
    }

    [Fact]
    public void Apply_OneThatHasMoreIsPruned_ShrinksAfter()
    {
        _host.Converge(FakeHost.Set(FakeHost.Doc("top", $"{{{Much}}}"), FakeHost.Doc("leaf", $"{{parent: top, {Much}}}")));
        var set = FakeHost.Set(FakeHost.Doc("top", $"{{{Little}}}"));

        Assert.Equal(ApplyOutcome.Done, _host.Apply(_host.Plan(set, new PlanOptions { Prune = true })).Outcome);

        Assert.Equal("0\n", _host.Kernel.Read(_host.Kernel.Layout.For("cpuset")!, "provision/top.cg", "cpuset.cpus"));
    }
}
