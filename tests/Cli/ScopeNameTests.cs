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
        foreach (var kind in Composition.Kinds())
        {
            var mark = AliasMark.Of(
                new Scope(longest, longest), new ResourceId(kind.Kind, new string('a', 63)), DeletionPolicy.Orphan, kind, ObjectValue.Empty);
            Assert.InRange(mark.ToString().Length, 1, AliasMark.MaxLength);
        }
    }

    [Fact]
    public void Columns_OfEveryKind_AreItsFields()
    {
        foreach (var kind in Composition.Kinds())
            foreach (var column in kind.Columns)
                Assert.NotNull(Explain.Field(kind, column));
    }
}
