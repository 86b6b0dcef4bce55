namespace Provision.Cli.Tests;

public sealed class ReadingTests
{
    [Theory]
    [InlineData("validate -f @")]
    [InlineData("validate -f @ --host")]
    [InlineData("plan -f @")]
    [InlineData("plan -f @ --prune --show operations -o json")]
    [InlineData("drift -f @")]
    [InlineData("status -f @")]
    [InlineData("status")]
    [InlineData("get")]
    [InlineData("describe Box/crate -f @")]
    [InlineData("explain Box")]
    [InlineData("schema")]
    [InlineData("export")]
    [InlineData("version")]
    [InlineData("completion bash")]
    public void ReadingCommands_Always_MakeNoExecutorAndNoFile(string arguments)
    {
        using var bench = new Bench();
        var path = bench.Write("a.yaml", Texts.Crate);

        bench.Run([.. arguments.Split(' ').Select(a => a.Replace("@", path, StringComparison.Ordinal))]);

        Assert.Equal(0, bench.ExecutorsMade);
        Assert.Equal([path], Directory.GetFileSystemEntries(bench.Root));
    }

    [Fact]
    public void Apply_WithNothingToDo_MakesNoExecutorTakesNoLockAndWritesNothing()
    {
        using var bench = new Bench();
        var path = bench.Write("a.yaml", Texts.Crate);
        bench.Run("apply", "-f", path, "-y");
        Directory.Delete(Path.Combine(bench.Root, "run"), recursive: true);
        var made = bench.ExecutorsMade;
        var record = Path.Combine(bench.Root, "state", "default", "applied", "default.json");
        File.SetLastWriteTimeUtc(record, DateTime.UnixEpoch);

        Assert.Equal(0, bench.Run("apply", "-f", path).Code);

        Assert.Equal(made, bench.ExecutorsMade);
        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(record));
        Assert.False(Directory.Exists(Path.Combine(bench.Root, "run")));
    }

    [Fact]
    public void StandardInput_AsManifests_IsRead()
    {
        using var bench = new Bench { Input = Texts.Crate };

        Assert.Contains("Box/crate", bench.Run("plan", "-f", "-").Out, StringComparison.Ordinal);
    }
}
