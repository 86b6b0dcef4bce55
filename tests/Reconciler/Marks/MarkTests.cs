using Provision.Spec;
using static Provision.Reconciler.Tests.Fakes.Boxes;

namespace Provision.Reconciler.Tests.Marks;

public sealed class MarkTests
{
    private static readonly ResourceId Id = new("Box", "a");

    [Fact]
    public void AliasMark_WrittenAndRead_IsTheSame()
    {
        var mark = AliasMark.Of(new Scope("inst", "stack"), Id, DeletionPolicy.Orphan, Schema, Stated(size: "2"));
        Assert.Equal(mark, AliasMark.TryParse(mark.ToString()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("uplink to the rack")]
    [InlineData("provision/v1 inst stack Box/a Delete")]
    [InlineData("provision/v1 inst stack Box Delete AA")]
    [InlineData("provision/v1 inst stack Box/a Sometimes AA")]
    [InlineData("provision/v2 inst stack Box/a Delete AA")]
    public void AliasMark_AnythingElse_IsNoMark(string? alias) => Assert.Null(AliasMark.TryParse(alias));

    [Fact]
    public void AliasMark_LongestNames_FitTheKernel()
    {
        var name = new string('n', 63);
        var mark = AliasMark.Of(new Scope(new string('i', 32), name), new ResourceId("Bridge", name), DeletionPolicy.Orphan, Schema, Stated());
        // Room for twenty fields more, and for a kind with a longer name.
        Assert.True(mark.ToString().Length + (2 * 20) + 10 <= AliasMark.MaxLength);
    }

    [Fact]
    public void Group_TellsInstancesApart()
    {
        Assert.NotEqual(AliasMark.Group("default"), AliasMark.Group("test"));
        Assert.Equal(0x50u, AliasMark.Group("default") >> 24);
    }

    [Fact]
    public void Digests_TellWhichFieldOfTheManifestMoved()
    {
        var before = Stated(size: "2", shape: "round", tags: ["x"]);
        var recorded = AliasMark.Of(new Scope(), Id, DeletionPolicy.Delete, Schema, before).Recorded(Schema);
        var now = Stated(size: "3", shape: "round", tags: ["x"]);
        Assert.False(recorded.Matches(ValuePath.Of(Size), "3", now));
        Assert.True(recorded.Matches(ValuePath.Of(Shape), "round", now));
        Assert.True(recorded.Matches(ValuePath.Of(Tags).Item("x"), "x", now));
        Assert.True(recorded.MatchesAll(before, DeletionPolicy.Delete));
        Assert.False(recorded.MatchesAll(before, DeletionPolicy.Orphan));
        Assert.False(recorded.MatchesAll(now, DeletionPolicy.Delete));
    }

    [Fact]
    public void Digests_ListThatMoved_CannotTellItsItems()
    {
        var recorded = AliasMark.Of(new Scope(), Id, DeletionPolicy.Delete, Schema, Stated(tags: ["x"])).Recorded(Schema);
        Assert.Null(recorded.Matches(ValuePath.Of(Tags).Item("x"), "x", Stated(tags: ["x", "y"])));
    }

    [Fact]
    public void Digests_OfAnotherSchema_TellNothing() =>
        Assert.Null(new RecordedDigests(Schema, "AAAA", DeletionPolicy.Delete).Matches(ValuePath.Of(Size), "1", Stated(size: "1")));

    [Fact]
    public void CanonicalJson_WrittenAndRead_IsTheSame()
    {
        var spec = Stated(size: "2", tags: ["é", "\"quoted\""]).With(Size, NumberValue.Max).With(Shape, true);
        Assert.Equal(spec, CanonicalJson.TryParse(CanonicalJson.Write(spec)));
        Assert.Null(CanonicalJson.TryParse("{"));
        Assert.Null(CanonicalJson.TryParse("null"));
        Assert.Null(CanonicalJson.TryParse("1.5"));
    }
}
