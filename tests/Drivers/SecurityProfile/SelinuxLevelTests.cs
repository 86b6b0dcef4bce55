using Provision.Spec;

namespace Provision.Drivers.Tests.SecurityProfile;

/// <summary>Levels as the kernel writes them, and pairs of categories that nobody has.</summary>
public sealed class SelinuxLevelTests
{
    [Theory]
    [InlineData("auto", "auto")]
    [InlineData("s0", "s0")]
    [InlineData("s0:c2,c1", "s0:c1,c2")]
    [InlineData("s0:c9,c3.c5,c4", "s0:c3.c5,c9")]
    [InlineData("s0:c5.c6", "s0:c5,c6")]
    [InlineData("s0:c1,c3,c2", "s0:c1.c3")]
    [InlineData("s0-s0:c0.c1023", "s0-s0:c0.c1023")]
    [InlineData("s0:c1-s0:c1", "s0:c1")]
    public void Parse_Level_IsAsTheKernelWritesIt(string text, string canonical)
    {
        Assert.True(SelinuxLevel.Instance.TryParse(text, out var value, out var error), error);

        Assert.Equal((Value)canonical, value);
        Assert.Matches(SelinuxLevel.Instance.Pattern, text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("s0:")]
    [InlineData("s0:c1,")]
    [InlineData("s0:c3.c1")]
    [InlineData("s0:c1024")]
    [InlineData("s0:c1-s0:c2-s0:c3")]
    [InlineData("s0:c1\n")]
    public void Parse_AnythingElse_IsRefused(string text) => Assert.False(SelinuxLevel.Instance.TryParse(text, out _, out _));

    [Fact]
    public void Free_OfOneSeed_IsTheSameUntilItIsTaken()
    {
        var taken = new HashSet<string>();
        var first = SelinuxLevel.Free("default/web-1", taken);

        Assert.Equal(first, SelinuxLevel.Free("default/web-1", new HashSet<string>()));
        Assert.NotEqual(first, SelinuxLevel.Free("default/web-1", taken));
        Assert.Equal(2, taken.Count);
    }

    [Fact]
    public void Free_Always_IsAPairOfTwoInTheKernelsForm()
    {
        var taken = new HashSet<string>();
        for (var i = 0; i < 5000; i++)
        {
            var level = SelinuxLevel.Free($"seed-{i % 50}", taken);
            Assert.True(SelinuxLevel.Instance.TryParse(level, out var canonical, out _), level);
            Assert.Equal((Value)level, canonical);
        }

        Assert.Equal(5000, taken.Count);
    }
}
