using Provision.Reconciler.Tests.Fakes;
using Provision.Spec;
using static Provision.Reconciler.Tests.Fakes.Boxes;

namespace Provision.Reconciler.Tests.Apply;

/// <summary>An unfinished creation that bears the name of a resource whose object is another.</summary>
public sealed class LeftoverTests
{
    private static readonly ResourceSet A = Set(Resource("a", Stated(size: "2")));

    private readonly Workbench _bench = new();

    public LeftoverTests()
    {
        _bench.Apply(A);
        _bench.Shelf.Boxes["stray"] = new Box(Stated(), new BoxMark("", new ResourceId("Box", "a"), Stated(), DeletionPolicy.Delete));
    }

    [Fact]
    public void Plan_LeftoverWithTheNameOfAResource_IsRemovedAndTheResourceStays()
    {
        var change = Assert.Single(_bench.Plan(A).Plan.Changes);
        Assert.Equal((ChangeAction.Delete, "stray"), (change.Action, change.Object));
        Assert.Equal(ApplyOutcome.Done, _bench.Apply(A).Outcome);
        Assert.Equal(["a"], _bench.Shelf.Boxes.Keys);
        Assert.True(_bench.Plan(A).Plan.IsEmpty);
    }

    [Fact]
    public void Apply_BesidesAnUpdateOfTheResource_DoesBoth()
    {
        var moved = Set(Resource("a", Stated(size: "3")));
        Assert.Equal(ApplyOutcome.Done, _bench.Apply(moved).Outcome);
        Assert.Equal(["a"], _bench.Shelf.Boxes.Keys);
        Assert.Equal("3", _bench.Shelf.Boxes["a"].State.Text(Size));
    }

    [Fact]
    public void Apply_LeftoverThatStays_IsUnverified()
    {
        var plan = _bench.Plan(A);
        var kept = _bench.Shelf.Boxes["stray"];
        // The removal is said to have been done, and the box is there again.
        _bench.Shelf.After = () => _bench.Shelf.Boxes["stray"] = kept;

        var result = _bench.Applier.Apply(plan, new PlanOptions(), _bench, CancellationToken.None);

        Assert.Equal(ApplyOutcome.Partial, result.Outcome);
        Assert.Contains("stray is still there", Assert.Single(result.Unverified).Text, StringComparison.Ordinal);
        Assert.Empty(result.Left);
    }

    [Fact]
    public void Destroy_TwoObjectsOfOneName_RemovesBoth()
    {
        var plan = _bench.Planner.PlanDestroy(_bench.Scope, false, new PlanOptions());
        Assert.Equal(2, plan.Plan.Changes.Length);
        Assert.Equal(ApplyOutcome.Done, _bench.Applier.Apply(plan, new PlanOptions(), _bench, CancellationToken.None).Outcome);
        Assert.Empty(_bench.Shelf.Boxes);
    }

    [Fact]
    public void Destroy_LeftoverInsideWhatItsNamesakeContains_GoesFirst()
    {
        // a contains b, and b contains an unfinished one that is called a as well.
        _bench.Shelf.Boxes["stray"] = _bench.Shelf.Boxes["stray"] with { State = Stated().With(Inside, "b") };
        _bench.Shelf.Boxes["b"] = new Box(Stated().With(Inside, "a"), new BoxMark("default", new ResourceId("Box", "b"), Stated(), DeletionPolicy.Delete));
        _bench.Shelf.Log.Clear();
        var plan = _bench.Planner.PlanDestroy(_bench.Scope, false, new PlanOptions());
        Assert.Equal(ApplyOutcome.Done, _bench.Applier.Apply(plan, new PlanOptions(), _bench, CancellationToken.None).Outcome);
        Assert.Equal(["remove stray", "remove b", "remove a"], _bench.Shelf.Log);
    }

    [Fact]
    public void SavedPlan_TwoChangesOfOneName_AreToldApart()
    {
        var moved = Set(Resource("a", Stated(size: "3")));
        var saved = SavedPlan.Of(_bench.Plan(moved), new PlanOptions(), "", _bench.Planner.Drivers);
        Assert.Equal(2, saved.Changes.Length);
        Assert.Empty(saved.Moved(_bench.Plan(moved), _bench.Planner.Drivers));
        _bench.Shelf.Boxes.Remove("stray");
        Assert.Contains("nothing to do", Assert.Single(saved.Moved(_bench.Plan(moved), _bench.Planner.Drivers)), StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_UnfinishedThatCannotBecomeTheResource_IsRemovedAndTheResourceMade()
    {
        _bench.Shelf.Boxes.Remove("a");
        var round = Set(Resource("a", Stated(shape: "round")));
        Assert.Equal(ApplyOutcome.Done, _bench.Apply(round).Outcome);
        Assert.Equal(["a"], _bench.Shelf.Boxes.Keys);
        Assert.Equal("round", _bench.Shelf.Boxes["a"].State.Text(Shape));
    }
}
