namespace Provision.Kernel.Tests;

public sealed class SideBySideTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(1000)]
    public void Select_AnyNumber_KeepsTheOrder(int count)
    {
        var items = Enumerable.Range(0, count).ToList();
        Assert.Equal(items.Select(static i => i * 3), SideBySide.Select(items, static i => i * 3));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1000)]
    public void Select_ReadingThatThrows_ThrowsThatAndNoCollection(int count)
    {
        var thrown = Assert.Throws<InvalidOperationException>(
            () => SideBySide.Select([.. Enumerable.Range(0, count)], static i => i == 2 ? throw new InvalidOperationException("two") : i));
        Assert.Equal("two", thrown.Message);
    }
}
