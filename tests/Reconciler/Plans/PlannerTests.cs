using Provision.Reconciler.Tests.Fakes;
using Provision.Spec;
using static Provision.Reconciler.Tests.Fakes.Boxes;

namespace Provision.Reconciler.Tests.Plans;

public sealed class PlannerTests
{
    private readonly Workbench _bench = new();

    private Plan Planned(params Resource[] resources)
    {
        var result = _bench.Plan(Set(resources));
        Assert.False(result.HasErrors, string.Join("\n", result.Diagnostics));
        return result.Plan;
    }

    private string Refused(params Resource[] resources) =>
        Assert.Single(_bench.Plan(Set(resources)).Diagnostics, static d => d.Severity == Severity.Error).Code;

    [Fact]
    public void Plan_NothingThere_CreatesWithEveryField()
    {
        var change = Assert.Single(Planned(Resource("a", Stated(size: "2"))).Changes);
        Assert.Equal(ChangeAction.Create, change.Action);
        Assert.Equal(["size", "shape"], change.Fields.Select(f => f.Path.ToString()));
        Assert.All(change.Fields, f => Assert.Equal(Cause.Pending, f.Cause));
        Assert.Equal(["add a"], change.Operations.Select(o => o.Text));
    }

    [Fact]
    public void Plan_AfterApply_IsEmpty()
    {
        var set = Set(Resource("a", Stated(size: "2", tags: ["x", "y"])), Resource("b", Stated()));
        Assert.Equal(ApplyOutcome.Done, _bench.Apply(set).Outcome);
        var plan = _bench.Plan(set).Plan;
        Assert.True(plan.IsEmpty);
        Assert.Equal(2, plan.Unchanged);
    }

    [Fact]
    public void Plan_ManifestMoved_IsPendingAndRecordsTheManifest()
    {
        _bench.Apply(Set(Resource("a", Stated(size: "2"))));
        var change = Assert.Single(Planned(Resource("a", Stated(size: "3"))).Changes);
        var field = Assert.Single(change.Fields);
        Assert.Equal((Cause.Pending, "2", "3"), (field.Cause, field.From!.ToString(), field.To!.ToString()));
        Assert.Equal(["set a size 3", "mark a {shape: square, size: 3, tags: []}"], change.Operations.Select(o => o.Text));
    }

    [Fact]
    public void Plan_KernelMoved_IsDriftAndWritesNoMark()
    {
        _bench.Apply(Set(Resource("a", Stated(size: "2"))));
        _bench.Shelf.Boxes["a"] = _bench.Shelf.Boxes["a"] with { State = Stated(size: "9", tags: ["foreign"]) };
        var change = Assert.Single(Planned(Resource("a", Stated(size: "2"))).Changes);
        Assert.Equal(["size", "tags[foreign]"], change.Fields.Select(f => f.Path.ToString()));
        Assert.All(change.Fields, f => Assert.Equal(Cause.Drift, f.Cause));
        Assert.DoesNotContain(change.Operations, o => o.Text.StartsWith("mark"));
    }

    [Fact]
    public void Plan_BothMoved_TellsCausesApartFieldByField()
    {
        _bench.Apply(Set(Resource("a", Stated(size: "2", tags: ["x"]))));
        _bench.Shelf.Boxes["a"] = _bench.Shelf.Boxes["a"] with { State = Stated(size: "9", tags: ["x"]) };
        var change = Assert.Single(Planned(Resource("a", Stated(size: "2", tags: ["x", "y"]))).Changes);
        Assert.Equal(
            [("size", Cause.Drift), ("tags[y]", Cause.Pending)], change.Fields.Select(f => (f.Path.ToString(), f.Cause)));
    }

    [Fact]
    public void Plan_DefaultWrittenOut_ChangesNothing()
    {
        _bench.Apply(Set(Resource("a", Stated())));
        Assert.True(Planned(Resource("a", Stated(size: "1"))).IsEmpty);
    }

    [Fact]
    public void Plan_FieldThatCannotMove_ReplacesWithItsReason()
    {
        _bench.Apply(Set(Resource("a", Stated())));
        var change = Assert.Single(Planned(Resource("a", Stated(shape: "round"))).Changes);
        Assert.Equal(ChangeAction.Replace, change.Action);
        Assert.Equal("shape: a box keeps its shape", change.Reason);
        Assert.Equal(["remove a", "add a"], change.Operations.Select(o => o.Text));
    }

    [Fact]
    public void Plan_PreventReplace_RefusesInstead()
    {
        _bench.Apply(Set(Resource("a", Stated())));
        Assert.Equal(HostCodes.ReplacePrevented, Refused(Resource("a", Stated(shape: "round"), m => m with { PreventReplace = true })));
    }

    [Fact]
    public void Plan_ForeignObject_IsRefusedUnlessAdopted()
    {
        _bench.Shelf.Boxes["a"] = new Box(Stated(size: "5", tags: ["theirs"]), null);
        Assert.Equal(HostCodes.ForeignObject, Refused(Resource("a", Stated(size: "2"))));

        var adopted = Assert.Single(Planned(Resource("a", Stated(size: "2", tags: ["ours"]), m => m with { ManagementPolicy = ManagementPolicy.Merge })).Changes);
        Assert.Equal(["size", "tags[ours]"], adopted.Fields.Select(f => f.Path.ToString()));
    }

    [Fact]
    public void Plan_MergeWithNothingThere_IsRefused() =>
        Assert.Equal(HostCodes.NothingToAdopt, Refused(Resource("a", Stated(), m => m with { ManagementPolicy = ManagementPolicy.Merge })));

    [Fact]
    public void Plan_OtherStacksObject_IsRefused()
    {
        _bench.Shelf.Boxes["a"] = new Box(Stated(), new BoxMark("other", new ResourceId("Box", "a"), Stated(), DeletionPolicy.Delete));
        Assert.Equal(HostCodes.OtherStack, Refused(Resource("a", Stated())));
    }

    [Fact]
    public void Plan_Observe_ReportsAndPlansNothing()
    {
        _bench.Shelf.Boxes["a"] = new Box(Stated(size: "5"), null);
        var plan = Planned(Resource("a", Stated(size: "2"), m => m with { ManagementPolicy = ManagementPolicy.Observe }));
        Assert.True(plan.IsEmpty);
        Assert.True(Assert.Single(plan.Changes).ObserveOnly);
    }

    [Fact]
    public void Plan_IgnoredField_IsLeftAlone()
    {
        var ignoring = Resource("a", Stated(size: "2"), m => m with { IgnoreFields = ["size"] });
        _bench.Apply(Set(ignoring));
        _bench.Shelf.Boxes["a"] = _bench.Shelf.Boxes["a"] with { State = Stated(size: "9") };
        Assert.True(Planned(ignoring).IsEmpty);
    }

    [Fact]
    public void Plan_OrphansAreListedAndPrunedOnlyWhenAsked()
    {
        _bench.Apply(Set(Resource("a", Stated()), Resource("b", Stated())));
        var listed = Planned(Resource("a", Stated()));
        Assert.True(listed.IsEmpty);
        Assert.Equal("b", Assert.Single(listed.Orphans).Object);

        var pruned = _bench.Plan(Set(Resource("a", Stated())), new PlanOptions { Prune = true }).Plan;
        Assert.Equal(["remove b"], Assert.Single(pruned.Changes).Operations.Select(o => o.Text));
    }

    [Fact]
    public void Plan_PruneOfEverything_NeedsPruneAll()
    {
        _bench.Apply(Set(Resource("a", Stated())));
        var refused = _bench.Plan(ResourceSet.Empty, new PlanOptions { Prune = true });
        Assert.Equal(HostCodes.PruneAll, Assert.Single(refused.Diagnostics).Code);
        Assert.False(_bench.Plan(ResourceSet.Empty, new PlanOptions { Prune = true, PruneAll = true }).HasErrors);
    }

    [Fact]
    public void Plan_UnfinishedCreation_IsCompletedOrRemoved()
    {
        _bench.Shelf.Boxes["a"] = new Box(Stated(), new BoxMark("", new ResourceId("Box", "a"), Stated(), DeletionPolicy.Delete));
        var completed = Assert.Single(Planned(Resource("a", Stated())).Changes);
        Assert.Equal((ChangeAction.Create, "completes an unfinished creation"), (completed.Action, completed.Reason));
        var removed = Assert.Single(Planned().Changes);
        Assert.Equal((ChangeAction.Delete, "unfinished creation"), (removed.Action, removed.Reason));
    }

    [Fact]
    public void Plan_ReplacedContainer_ReplacesWhatLiesInIt()
    {
        var inner = Resource("b", Stated().With(Inside, "a"), null, "a");
        _bench.Apply(Set(Resource("a", Stated()), inner));
        var plan = Planned(Resource("a", Stated(shape: "round")), inner);
        Assert.Equal([ChangeAction.Replace, ChangeAction.Replace], plan.Changes.Select(c => c.Action));
        Assert.Equal("Box/a, which contains it, is replaced", plan.Changes[1].Reason);

        _bench.Shelf.Log.Clear();
        _bench.Apply(Set(Resource("a", Stated(shape: "round")), inner));
        Assert.Equal(["remove b", "remove a", "add a", "add b"], _bench.Shelf.Log);
    }

    [Fact]
    public void PlanDestroy_TakesOneStackOrAll()
    {
        _bench.Apply(Set(Resource("a", Stated())));
        _bench.Shelf.Boxes["z"] = new Box(Stated(), new BoxMark("other", new ResourceId("Box", "z"), Stated(), DeletionPolicy.Delete));
        _bench.Shelf.Boxes["theirs"] = new Box(Stated(), null);
        Assert.Equal(["Box/a"], _bench.Planner.PlanDestroy(_bench.Scope, false, new PlanOptions()).Plan.Changes.Select(c => c.Id.ToString()));
        Assert.Equal(["Box/a", "Box/z"], _bench.Planner.PlanDestroy(_bench.Scope, true, new PlanOptions()).Plan.Changes.Select(c => c.Id.ToString()));
    }
}
