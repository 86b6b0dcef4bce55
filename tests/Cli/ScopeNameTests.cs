using Provision.Drivers.Bridge;
using Provision.Drivers.Container;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Cli.Tests;

public sealed class ScopeNameTests
{
    [Theory]
    [InlineData("default")]
    [InlineData("a")]
    [InlineData("shop-2.eu")]
    [InlineData("12345678901234567890123456789012")]
    public void Error_OfAGoodName_IsNull(string name) => Assert.Null(ScopeName.Error(name));

    [Theory]
    [InlineData("")]
    [InlineData("Shop")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a..b")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData(".")]
    [InlineData("ä")]
    [InlineData("123456789012345678901234567890123")]
    public void Error_OfABadName_TellsWhy(string name) => Assert.NotNull(ScopeName.Error(name));

    [Fact]
    public void LongestNames_InALinksMark_FitItsAlias()
    {
        var longest = new string('a', ScopeName.MaxLength);
        var scope = new Scope(longest, longest);
        var bridge = AliasMark.Of(
            scope, new ResourceId(BridgeSchema.Kind, new string('a', 63)), DeletionPolicy.Orphan, BridgeSchema.Schema, ObjectValue.Empty);
        // A container's link has the link's name inside in place of digests: its container's cgroup carries the mark.
        var link = new AliasMark(scope, new ResourceId(ContainerSchema.Kind, new string('a', 63)), DeletionPolicy.Orphan, new string('a', 15));

        Assert.All([bridge, link], static mark => Assert.InRange(mark.ToString().Length, 1, AliasMark.MaxLength));
    }

    [Fact]
    public void Columns_OfEveryKind_AreItsFields()
    {
        foreach (var kind in Composition.Kinds())
            foreach (var column in kind.Columns)
                Assert.NotNull(Explain.Field(kind, column));
    }
}
