using System.Collections.Immutable;
using Provision.Kernel;
using Provision.Reconciler;

namespace Provision.Drivers.Tests.Cgroup;

/// <summary>The instance's root, left alone by a creation or a removal that was cut short.</summary>
public sealed class CutShortTests
{
    private static readonly string Root = CgroupLayout.InstanceRoot("default");

    [Theory]
    [InlineData(false, false, 1)]
    [InlineData(false, false, 7)]
    [InlineData(false, true, 3)]
    [InlineData(false, true, 7)]
    [InlineData(true, false, 1)]
    [InlineData(true, true, 1)]
    public void Destroy_OfNothingButTheRoot_RemovesIt(bool unified, bool marked, int hierarchies)
    {
        var host = Leave(unified, marked, hierarchies);

        Assert.Equal(ApplyOutcome.Done, host.Destroy().Outcome);

        Assert.Equal("", host.Kernel.Dump());
    }

    [Fact]
    public void Destroy_RootWithSomebodyElsesChild_LeavesIt()
    {
        var host = Leave(unified: true, marked: true, hierarchies: 1);
        Perform(host, new CgroupCreate($"{Root}/lower", ["unified"]));
        Perform(host, new CgroupMark($"{Root}/lower", Marks((CgroupMarks.Released, "x"))));
        var before = host.Kernel.Dump();

        Assert.Equal(ApplyOutcome.Done, host.Destroy().Outcome);

        Assert.Equal(before, host.Kernel.Dump());
    }

    [Fact]
    public void Plan_RootCutShort_IsNoDifferenceToManifestsThatNeedNone()
    {
        var host = Leave(unified: true, marked: false, hierarchies: 1);

        Assert.True(host.Plan(FakeHost.Set()).Plan.IsEmpty);
        Assert.False(host.Plan(FakeHost.Set(), new PlanOptions { Prune = true }).Plan.IsEmpty);
    }

    private static FakeHost Leave(bool unified, bool marked, int hierarchies)
    {
        var host = new FakeHost(unified ? FakeCgroups.V2() : FakeCgroups.Hybrid());
        // The primary is the first to come and the last to go.
        var names = host.Kernel.Layout.Hierarchies.Select(static h => h.Name).OrderBy(n => n != host.Kernel.Layout.Primary.Name);
        Perform(host, new CgroupCreate(Root, [.. names.Take(hierarchies)]));
        if (marked)
            Perform(host, new CgroupMark(Root, Marks((CgroupMarks.Instance, "default"))));
        return host;
    }

    private static ImmutableSortedDictionary<string, string?> Marks(params (string Name, string Value)[] marks) =>
        marks.ToImmutableSortedDictionary(static m => m.Name, static m => (string?)m.Value);

    private static void Perform(FakeHost host, Operation operation) =>
        Assert.Null(Assert.Single(((IOperationExecutor)host.Kernel).Execute([operation], default)));
}
