using Provision.Reconciler.Tests.Fakes;
using Provision.Spec;
using static Provision.Reconciler.Tests.Fakes.Boxes;

namespace Provision.Reconciler.Tests.Apply;

public sealed class ApplierTests
{
    private readonly Workbench _bench = new();

    [Fact]
    public void Apply_DependencyOrder_ContainersFirst()
    {
        _bench.Apply(Set(Resource("z", Stated()), Resource("a", Stated(), null, "z"), Resource("m", Stated(), null, "a")));
        Assert.Equal(["add z", "add a", "add m"], _bench.Shelf.Log);
    }

    [Fact]
    public void Apply_IndependentResources_GoInOneBatch()
    {
        _bench.Apply(Set([.. Enumerable.Range(0, 100).Select(i => Resource($"b{i}", Stated()))]));
        Assert.Equal(1, _bench.Shelf.Batches);
    }

    [Fact]
    public void Apply_SecondTime_PerformsNothing()
    {
        var set = Set(Resource("a", Stated()));
        _bench.Apply(set);
        _bench.Shelf.Log.Clear();
        Assert.Equal(0, _bench.Apply(set).Performed);
        Assert.Empty(_bench.Shelf.Log);
    }

    [Fact]
    public void Apply_Failure_TakesEverythingBack()
    {
        _bench.Apply(Set(Resource("a", Stated(size: "2")), Resource("b", Stated(size: "2"))));
        var before = _bench.Shelf.Picture();
        _bench.Shelf.Faults["add d"] = (22, 1);
        var result = _bench.Apply(Set(
            Resource("a", Stated(size: "3")), Resource("b", Stated(size: "4", tags: ["x"])), Resource("c", Stated()), Resource("d", Stated(), null, "c")));
        Assert.Equal(ApplyOutcome.RolledBack, result.Outcome);
        Assert.Equal("add d", Assert.Single(result.Failures).Operation.Text);
        Assert.Equal(before, _bench.Shelf.Picture());
    }

    [Fact]
    public void Apply_EveryOperationFailingInTurn_RestoresEachTime()
    {
        var first = Set(Resource("a", Stated(size: "2")), Resource("b", Stated(tags: ["old"])));
        var second = Set(Resource("a", Stated(size: "3", tags: ["t"])), Resource("b", Stated(tags: ["new"])), Resource("c", Stated(), null, "a"));
        _bench.Apply(first);
        var before = _bench.Shelf.Picture();
        var operations = _bench.Plan(second).Plan.Changes.SelectMany(c => c.Operations).Select(o => o.Text).ToList();
        Assert.NotEmpty(operations);
        foreach (var text in operations)
        {
            _bench.Shelf.Faults[text] = (1, 1);
            Assert.Equal(ApplyOutcome.RolledBack, _bench.Apply(second).Outcome);
            Assert.Equal(before, _bench.Shelf.Picture());
        }

        Assert.Equal(ApplyOutcome.Done, _bench.Apply(second).Outcome);
    }

    [Theory]
    [InlineData(16, true)]
    [InlineData(105, true)]
    [InlineData(11, true)]
    [InlineData(4, true)]
    [InlineData(22, false)]
    [InlineData(1, false)]
    public void Apply_Refusal_IsRetriedOnlyWhenItIsForTheMoment(int errno, bool retried)
    {
        _bench.Shelf.Faults["add a"] = (errno, 2);
        var result = _bench.Apply(Set(Resource("a", Stated())));
        Assert.Equal(retried ? ApplyOutcome.Done : ApplyOutcome.RolledBack, result.Outcome);
    }

    [Fact]
    public void Apply_OperationThatEndsHalfway_IsTakenBackToo()
    {
        _bench.Apply(Set(Resource("a", Stated(size: "2"))));
        var before = _bench.Shelf.Picture();
        _bench.Shelf.Faults["set a size 3"] = (22, 1);
        _bench.Shelf.Halfway.Add("set a size 3");

        var result = _bench.Apply(Set(Resource("a", Stated(size: "3"))));

        Assert.Equal(ApplyOutcome.RolledBack, result.Outcome);
        Assert.Single(result.Failures);
        Assert.Equal(before, _bench.Shelf.Picture());
    }

    [Fact]
    public void Apply_RemovalThatEndsHalfway_IsPartialHoweverALaterTryEnds()
    {
        _bench.Apply(Set(Resource("a", Stated()), Resource("b", Stated())));
        _bench.Shelf.Faults["remove b"] = (16, 1);
        _bench.Shelf.Halfway.Add("remove b");

        // The second try finds nothing to remove any more, which says nothing against the first.
        var result = _bench.Apply(Set(Resource("a", Stated())), new PlanOptions { Prune = true });

        Assert.Equal(ApplyOutcome.Partial, result.Outcome);
    }

    [Fact]
    public void Apply_KernelThatCannotBeReadAfterwards_TakesEverythingBack()
    {
        _bench.Apply(Set(Resource("a", Stated(size: "2"))));
        var before = _bench.Shelf.Picture();
        var changed = Set(Resource("a", Stated(size: "3")));
        var plan = _bench.Plan(changed);
        _bench.Shelf.Unreadable = new KernelError("read", "shelf", null, 5);

        var result = _bench.Applier.Apply(plan, new PlanOptions(), _bench, CancellationToken.None);

        Assert.Equal(ApplyOutcome.RolledBack, result.Outcome);
        Assert.Contains("EIO", Assert.Single(result.Unverified).Text, StringComparison.Ordinal);
        Assert.Equal(before, _bench.Shelf.Picture());
    }

    [Fact]
    public void Apply_FailureAfterARemoval_IsPartialAndListsWhatIsLeft()
    {
        _bench.Apply(Set(Resource("a", Stated()), Resource("b", Stated())));
        _bench.Shelf.Faults["add b"] = (28, 99);
        var result = _bench.Apply(Set(Resource("a", Stated(size: "7")), Resource("b", Stated(shape: "round"))));
        Assert.Equal(ApplyOutcome.Partial, result.Outcome);
        Assert.Equal(["add b"], result.Left.Select(static l => l.Operation.Text));
        Assert.Equal("7", _bench.Shelf.Boxes["a"].State.Text(Size));

        _bench.Shelf.Faults.Clear();
        Assert.Equal(ApplyOutcome.Done, _bench.Apply(Set(Resource("a", Stated(size: "7")), Resource("b", Stated(shape: "round")))).Outcome);
    }

    [Fact]
    public void Apply_RemovalsComeLast()
    {
        _bench.Apply(Set(Resource("a", Stated()), Resource("gone", Stated()), Resource("r", Stated())));
        _bench.Shelf.Log.Clear();
        _bench.Apply(Set(Resource("a", Stated(size: "2")), Resource("r", Stated(shape: "round")), Resource("x", Stated(), null, "r")), new PlanOptions { Prune = true });
        Assert.Equal("set a size 2", _bench.Shelf.Log[0]);
        Assert.True(_bench.Shelf.Log.IndexOf("remove gone") > _bench.Shelf.Log.FindIndex(static l => l.StartsWith("mark a")));
        Assert.Equal(["add r", "add x"], _bench.Shelf.Log[^2..]);
    }

    [Fact]
    public void Apply_Shrinking_DependentsFirst()
    {
        var big = Set(Resource("p", Stated(size: "9")), Resource("c", Stated(size: "9"), null, "p"));
        _bench.Apply(big);
        _bench.Shelf.Log.Clear();
        _bench.Apply(Set(Resource("p", Stated(size: "2")), Resource("c", Stated(size: "2"), null, "p")));
        Assert.Equal(["set c size 2", "set p size 2"], _bench.Shelf.Log.Where(static l => l.StartsWith("set")));
        _bench.Shelf.Log.Clear();
        _bench.Apply(big);
        Assert.Equal(["set p size 9", "set c size 9"], _bench.Shelf.Log.Where(static l => l.StartsWith("set")));
    }

    [Fact]
    public void Apply_KernelThatIgnoresAWrite_IsUnverifiedAndTakenBack()
    {
        _bench.Apply(Set(Resource("a", Stated(size: "2"))));
        var before = _bench.Shelf.Picture();
        // A foreign hand undoes the write while the apply still runs.
        _bench.Shelf.Before = operation =>
        {
            if (operation.Text.StartsWith("mark"))
                _bench.Shelf.Boxes["a"] = _bench.Shelf.Boxes["a"] with { State = _bench.Shelf.Boxes["a"].State.With(Size, "2") };
        };
        var result = _bench.Apply(Set(Resource("a", Stated(size: "3"))));
        Assert.Equal(ApplyOutcome.RolledBack, result.Outcome);
        Assert.Equal("size", Assert.Single(Assert.Single(result.Unverified).Fields).Path.ToString());
        _bench.Shelf.Before = null;
        Assert.Equal(before, _bench.Shelf.Picture());
    }

    [Fact]
    public void Apply_Cancelled_TakesBackWhatWasDone()
    {
        using var cancel = new CancellationTokenSource();
        _bench.Shelf.Before = operation =>
        {
            if (operation.Text == "add b")
                cancel.Cancel();
        };
        var result = _bench.Apply(Set(Resource("a", Stated()), Resource("b", Stated(), null, "a"), Resource("c", Stated(), null, "b")), null, cancel.Token);
        Assert.True(result.Interrupted);
        Assert.Equal(ApplyOutcome.RolledBack, result.Outcome);
        Assert.Empty(_bench.Shelf.Boxes);
        Assert.Equal(["remove b", "remove a"], _bench.Undone);
    }

    [Fact]
    public void Apply_DeletionPolicyOrphan_ReleasesTheObject()
    {
        _bench.Apply(Set(Resource("a", Stated(), m => m with { DeletionPolicy = DeletionPolicy.Orphan }), Resource("b", Stated())));
        Assert.Equal(ApplyOutcome.Done, _bench.Apply(Set(Resource("b", Stated())), new PlanOptions { Prune = true }).Outcome);
        Assert.Null(_bench.Shelf.Boxes["a"].Mark);
    }

    [Fact]
    public void Apply_UndoThatFails_IsPartialAndNamesIt()
    {
        _bench.Shelf.Faults["add b"] = (22, 1);
        _bench.Shelf.Faults["remove a"] = (1, 99);
        var result = _bench.Apply(Set(Resource("a", Stated()), Resource("b", Stated(), null, "a")));
        Assert.Equal(ApplyOutcome.Partial, result.Outcome);
        Assert.Equal("remove a", Assert.Single(result.UndoFailures).Operation.Text);
    }

    [Fact]
    public void Apply_ObjectThatBecomesForeign_IsUnverified()
    {
        _bench.Shelf.After = () => _bench.Shelf.Boxes["a"] = _bench.Shelf.Boxes["a"] with { Mark = null };
        var plan = _bench.Plan(Set(Resource("a", Stated())));

        var result = _bench.Applier.Apply(plan, new PlanOptions(), _bench, CancellationToken.None);

        Assert.NotEqual(ApplyOutcome.Done, result.Outcome);
        Assert.Contains("not made by Provision", Assert.Single(result.Unverified).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_StatedFieldThatBecomesUnreadable_IsUnverified()
    {
        _bench.Apply(Set(Resource("a", Stated(size: "2"))));
        _bench.Shelf.After = () => _bench.Shelf.Blind["size"] = "hidden";

        var result = _bench.Apply(Set(Resource("a", Stated(size: "3"))));

        Assert.NotEqual(ApplyOutcome.Done, result.Outcome);
        Assert.Contains("size cannot be read any more", Assert.Single(result.Unverified).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_ExecutorThatBreaks_IsTakenBackAndTold()
    {
        _bench.Apply(Set(Resource("a", Stated(size: "2"))));
        var before = _bench.Shelf.Picture();
        _bench.Shelf.Breaks = static o => o.Text.StartsWith("mark", StringComparison.Ordinal) ? new InvalidOperationException("a defect") : null;

        var result = _bench.Apply(Set(Resource("a", Stated(size: "3"))));

        Assert.Equal(ApplyOutcome.RolledBack, result.Outcome);
        Assert.Contains("a defect", result.Broke, StringComparison.Ordinal);
        Assert.False(result.Interrupted);
        Assert.Equal(before, _bench.Shelf.Picture());
    }

    [Fact]
    public void Apply_ExecutorThatBreaksAfterARemoval_IsPartialAndListsWhatIsLeft()
    {
        _bench.Apply(Set(Resource("a", Stated())));
        _bench.Shelf.Breaks = static o => o.Text == "add a" ? new InvalidOperationException("a defect") : null;

        var result = _bench.Apply(Set(Resource("a", Stated(shape: "round"))));

        Assert.Equal(ApplyOutcome.Partial, result.Outcome);
        Assert.NotNull(result.Broke);
        Assert.Equal(["add a"], result.Left.Select(static l => l.Operation.Text));
    }

    [Fact]
    public void Apply_RemovalAfterWhichTheKernelCannotBeRead_IsUnverified()
    {
        _bench.Apply(Set(Resource("a", Stated()), Resource("b", Stated())));
        var plan = _bench.Plan(Set(Resource("a", Stated())), new PlanOptions { Prune = true });
        _bench.Shelf.Unreadable = new KernelError("read", "shelf", null, 5);

        var result = _bench.Applier.Apply(plan, new PlanOptions { Prune = true }, _bench, CancellationToken.None);

        Assert.Equal(ApplyOutcome.Unverified, result.Outcome);
        Assert.Contains("EIO", Assert.Single(result.Unverified).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_UndoThatChangesNothing_IsPartialAndNamesTheField()
    {
        _bench.Apply(Set(Resource("a", Stated(size: "2"))));
        _bench.Shelf.Faults["mark a {shape: square, size: 3, tags: []}"] = (22, 1);
        // Every undo is said to succeed, and the value stays.
        _bench.Shelf.After = () => _bench.Shelf.Boxes["a"] = _bench.Shelf.Boxes["a"] with { State = _bench.Shelf.Boxes["a"].State.With(Size, "3") };

        var result = _bench.Apply(Set(Resource("a", Stated(size: "3"))));

        Assert.Equal(ApplyOutcome.Partial, result.Outcome);
        Assert.Empty(result.UndoFailures);
        var field = Assert.Single(Assert.Single(result.NotRestored).Fields);
        Assert.Equal(("size", "2", "3"), (field.Path.ToString(), field.To!.ToString(), field.From!.ToString()));
    }

    [Fact]
    public void Apply_UndoneCreationThatIsStillThere_IsPartial()
    {
        _bench.Shelf.Faults["add b"] = (22, 1);
        Box? made = null;
        _bench.Shelf.After = () =>
        {
            made ??= _bench.Shelf.Boxes.GetValueOrDefault("a");
            _bench.Shelf.Boxes["a"] = made!;
        };

        var result = _bench.Apply(Set(Resource("a", Stated()), Resource("b", Stated(), null, "a")));

        Assert.Equal(ApplyOutcome.Partial, result.Outcome);
        Assert.Contains("was not before", Assert.Single(result.NotRestored).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_ForeignChangeWhereNothingWasDone_IsStillTakenBack()
    {
        _bench.Apply(Set(Resource("a", Stated(size: "2")), Resource("b", Stated(size: "2"))));
        _bench.Shelf.Faults["set a size 3"] = (19, 1);
        _bench.Shelf.After = () => _bench.Shelf.Boxes.Remove("a");

        Assert.Equal(ApplyOutcome.RolledBack, _bench.Apply(Set(Resource("a", Stated(size: "3")), Resource("b", Stated(size: "3")))).Outcome);
    }
}
