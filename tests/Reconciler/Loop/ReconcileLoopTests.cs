using Provision.Reconciler.Tests.Fakes;
using Provision.Spec;
using static Provision.Reconciler.Tests.Fakes.Boxes;

namespace Provision.Reconciler.Tests.Loop;

public sealed class ReconcileLoopTests
{
    private readonly Workbench _bench = new();
    private readonly FakeTime _time = new();
    private int _entered;

    private ReconcileLoop Loop(bool prune = false) => new(
        _bench.Planner, _bench.Applier, _bench.Scope, prune, new Contention(_time), _bench, _ =>
        {
            _entered++;
            return new MemoryStream();
        });

    private static HashSet<ResourceId> Only(params string[] names) => [.. names.Select(static n => new ResourceId("Box", n))];

    private void Damage(string name) =>
        _bench.Shelf.Boxes[name] = _bench.Shelf.Boxes[name] with { State = _bench.Shelf.Boxes[name].State.With(Size, "9") };

    [Fact]
    public void Look_FirstTime_BringsEverythingAbout()
    {
        var loop = Loop();
        loop.Take(Set(Resource("a", Stated()), Resource("b", Stated())));
        Assert.Equal(2, loop.Look(null, Only(), default).Changed.Count);
        Assert.Equal(["a", "b"], loop.Known.Select(k => k.Object).Order());
    }

    [Fact]
    public void Look_NothingDiffers_TakesNoLock()
    {
        var loop = Loop();
        loop.Take(Set(Resource("a", Stated())));
        loop.Look(null, Only(), default);
        _entered = 0;
        Assert.Empty(loop.Look(null, Only(), default).Changed);
        Assert.Equal(0, _entered);
    }

    [Fact]
    public void Look_Suspects_RepairsOnlyThose()
    {
        var loop = Loop();
        loop.Take(Set(Resource("a", Stated()), Resource("b", Stated())));
        loop.Look(null, Only(), default);
        Damage("a");
        Damage("b");
        Assert.Equal("a", Assert.Single(loop.Look(Only("a"), Only(), default).Changed).Id.Name);
        Assert.Equal("9", _bench.Shelf.Boxes["b"].State.Text(Size));
    }

    [Fact]
    public void Look_OneRefuses_DoesTheRestAndSaysSo()
    {
        _bench.Shelf.Boxes["b"] = new Box(Stated(), null);
        _bench.Shelf.Faults["add c"] = (22, 99);
        var loop = Loop();
        loop.Take(Set(Resource("a", Stated()), Resource("b", Stated()), Resource("c", Stated()), Resource("d", Stated(), null, "c")));
        var outcome = loop.Look(null, Only(), default);
        Assert.Equal(["Box/b", "Box/c"], outcome.Refused.Keys.Select(static k => k.ToString()).Order());
        Assert.NotNull(_bench.Shelf.Boxes["a"].Mark);
        Assert.False(_bench.Shelf.Boxes.ContainsKey("d"));

        _bench.Shelf.Faults.Clear();
        Assert.Equal(["Box/b"], loop.Look(null, Only(), default).Refused.Keys.Select(static k => k.ToString()));
        Assert.True(_bench.Shelf.Boxes.ContainsKey("d"));
    }

    [Fact]
    public void Look_RepeatedDamage_EndsInATruceThatEnds()
    {
        var loop = Loop();
        loop.Take(Set(Resource("a", Stated())));
        loop.Look(null, Only(), default);
        for (var i = 0; i < 5; i++)
        {
            Damage("a");
            Assert.Single(loop.Look(Only("a"), Only(), default).Changed);
        }

        Damage("a");
        Assert.Equal("a", Assert.Single(loop.Look(Only("a"), Only(), default).Contended).Name);
        Assert.Empty(loop.Look(null, Only(), default).Changed);
        _time.Advance(TimeSpan.FromSeconds(61));
        Assert.Single(loop.Look(null, Only(), default).Changed);
    }

    [Fact]
    public void Look_OccasionalDamage_IsAlwaysRepaired()
    {
        var loop = Loop();
        loop.Take(Set(Resource("a", Stated())));
        loop.Look(null, Only(), default);
        for (var i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(25));
            Damage("a");
            Assert.Single(loop.Look(Only("a"), Only(), default).Changed);
        }
    }

    [Fact]
    public void Take_NewManifests_EndTruces()
    {
        var loop = Loop();
        loop.Take(Set(Resource("a", Stated())));
        loop.Look(null, Only(), default);
        for (var i = 0; i < 6; i++)
        {
            Damage("a");
            loop.Look(Only("a"), Only(), default);
        }

        loop.Take(Set(Resource("a", Stated())));
        Assert.Single(loop.Look(null, Only(), default).Changed);
    }

    [Fact]
    public void Look_HeldBack_IsLeftForLater()
    {
        var loop = Loop();
        loop.Take(Set(Resource("a", Stated()), Resource("b", Stated())));
        Assert.Equal("b", Assert.Single(loop.Look(null, Only("a"), default).Changed).Id.Name);
    }

    [Fact]
    public void Look_Prune_RemovesWhatLeftTheManifests()
    {
        var loop = Loop(prune: true);
        loop.Take(Set(Resource("a", Stated()), Resource("b", Stated())));
        loop.Look(null, Only(), default);
        loop.Take(Set(Resource("a", Stated())));
        loop.Look(null, Only(), default);
        Assert.Equal(["a"], _bench.Shelf.Boxes.Keys);
    }

    [Fact]
    public void Look_PruneOfEverything_IsRefusedAndSaid()
    {
        var loop = Loop(prune: true);
        loop.Take(Set(Resource("a", Stated())));
        loop.Look(null, Only(), default);
        loop.Take(ResourceSet.Empty);
        Assert.Single(loop.Look(null, Only(), default).Problems);
        Assert.Single(_bench.Shelf.Boxes);
    }

    [Fact]
    public void Look_RepeatedDeletion_EndsInATruceToo()
    {
        var loop = Loop();
        loop.Take(Set(Resource("a", Stated())));
        loop.Look(null, Only(), default);
        for (var i = 0; i < 5; i++)
        {
            _bench.Shelf.Boxes.Remove("a");
            var change = Assert.Single(loop.Look(Only("a"), Only(), default).Changed);
            Assert.All(change.Fields, static f => Assert.Equal(Cause.Drift, f.Cause));
        }

        _bench.Shelf.Boxes.Remove("a");
        Assert.Single(loop.Look(Only("a"), Only(), default).Contended);
    }

    [Fact]
    public void Look_PruneBesideARefusal_StillPrunes()
    {
        var loop = Loop(prune: true);
        loop.Take(Set(Resource("a", Stated()), Resource("b", Stated())));
        loop.Look(null, Only(), default);
        _bench.Shelf.Boxes["theirs"] = new Box(Stated(), null);
        loop.Take(Set(Resource("a", Stated()), Resource("theirs", Stated())));
        Assert.Equal(["Box/theirs"], loop.Look(null, Only(), default).Refused.Keys.Select(static k => k.ToString()));
        Assert.Equal(["a", "theirs"], _bench.Shelf.Boxes.Keys);
    }

    [Fact]
    public void Look_AllRenamedUnderPrune_MakesTheNewAndKeepsTheOld()
    {
        var loop = Loop(prune: true);
        loop.Take(Set(Resource("a", Stated())));
        loop.Look(null, Only(), default);
        loop.Take(Set(Resource("b", Stated())));
        var outcome = loop.Look(null, Only(), default);
        Assert.Single(outcome.Problems);
        Assert.Equal("b", Assert.Single(outcome.Changed).Id.Name);
    }

    private sealed class FakeTime : TimeProvider
    {
        private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => _now;

        public void Advance(TimeSpan by) => _now += by;
    }
}
