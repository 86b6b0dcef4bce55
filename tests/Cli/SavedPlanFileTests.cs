namespace Provision.Cli.Tests;

public sealed class SavedPlanFileTests
{
    [Fact]
    public void Plan_Saved_IsForItsOwnerOnlyAndAlone()
    {
        using var bench = new Bench();
        var (path, plan) = (bench.Write("a.yaml", Texts.Crate), Path.Combine(bench.Root, "plan"));

        Assert.Equal(2, bench.Run("plan", "-f", path, "--out", plan).Code);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(plan));
        Assert.Equal([path, plan], Directory.GetFiles(bench.Root).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Plan_ThatFails_LeavesNoFileAndTheOldOne()
    {
        using var bench = new Bench();
        var (path, plan) = (bench.Write("a.yaml", Texts.Crate + "  nothing: 1\n"), bench.Write("plan", "old"));

        Assert.Equal(3, bench.Run("plan", "-f", path, "--out", plan).Code);

        Assert.Equal("old", File.ReadAllText(plan));
        Assert.Equal([path, plan], Directory.GetFiles(bench.Root).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Plan_ToADirectory_IsRefusedBeforeAnything()
    {
        using var bench = new Bench();

        var (code, data, error) = bench.Run("plan", "-f", bench.Write("a.yaml", Texts.Crate), "--out", bench.Root);

        Assert.Equal((1, ""), (code, data));
        Assert.Contains("EISDIR", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"3\"", "\"4\"")]
    [InlineData("add crate", "add other")]
    [InlineData("\"prune\": false", "\"prune\": true")]
    public void Apply_OfAnEditedPlan_IsRefused(string text, string other)
    {
        using var bench = new Bench();
        var plan = Path.Combine(bench.Root, "plan");
        bench.Run("plan", "-f", bench.Write("a.yaml", Texts.Crate), "--out", plan);
        File.WriteAllText(plan, File.ReadAllText(plan).Replace(text, other));

        var (code, _, error) = bench.Run("apply", plan);

        Assert.Equal(1, code);
        Assert.Contains("was changed after it was written", error, StringComparison.Ordinal);
        Assert.Empty(bench.Shelf.Boxes);
    }

    [Fact]
    public void Apply_OfACutPlan_IsRefusedAtEveryLength()
    {
        using var bench = new Bench();
        var plan = Path.Combine(bench.Root, "plan");
        bench.Run("plan", "-f", bench.Write("a.yaml", Texts.Crate), "--out", plan);
        var whole = File.ReadAllText(plan);

        for (var length = 0; length < whole.Length - 2; length += 7)
        {
            File.WriteAllText(plan, whole[..length]);
            Assert.Contains(bench.Run("apply", plan).Code, (int[])[1, 64]);
        }

        Assert.Empty(bench.Shelf.Boxes);
    }
}
