using Provision.Reconciler;

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

    [Theory]
    [InlineData("validate -f @ --host")]
    [InlineData("plan -f @")]
    [InlineData("drift -f @")]
    [InlineData("status -f @")]
    [InlineData("get")]
    [InlineData("describe Box/crate -f @")]
    [InlineData("export")]
    public void ReadingCommands_Always_GiveUpWritingBeforeTheyRead(string arguments)
    {
        using var bench = new Bench();
        var path = bench.Write("a.yaml", Texts.Crate);
        var (words, madeBefore) = (arguments.Split(' ').Select(a => a.Replace("@", path, StringComparison.Ordinal)).ToArray(), -1);
        bench.ReadOnly = () => madeBefore = bench.DriversMade;

        bench.Run(words);

        Assert.Equal([null], bench.ReadOnlyAsked);
        Assert.Equal(0, madeBefore);
        Assert.True(bench.DriversMade > 0);
    }

    // Filters are shown to nobody who wears one.
    [Fact]
    public void Drift_ThatLooksDeep_GivesUpWritingOnceItHasTraced()
    {
        using var bench = new Bench();
        var madeBefore = -1;
        bench.ReadOnly = () => madeBefore = bench.DriversMade;

        Assert.Equal(0, bench.Run("drift", "--deep", "-f", bench.Write("a.yaml", Texts.Crate)).Code);

        Assert.Equal([null], bench.ReadOnlyAsked);
        Assert.True(madeBefore > 0);
    }

    [Theory]
    [InlineData("validate -f @")]
    [InlineData("plan -f @ -o json")]
    [InlineData("get")]
    public void ReadingCommands_WhereTheyCannotGiveUpWriting_ReadNothing(string arguments)
    {
        using var bench = new Bench();
        var path = bench.Write("a.yaml", Texts.Crate);
        bench.ReadOnly = static () => throw new KernelException(new KernelError("seccomp", "reading filter", null, 22));

        var (code, data, error) = bench.Run([.. arguments.Split(' ').Select(a => a.Replace("@", path, StringComparison.Ordinal))]);

        Assert.Equal((6, ""), (code, data));
        Assert.Contains("nothing was read", error, StringComparison.Ordinal);
        Assert.Contains("CONFIG_SECCOMP_FILTER", error, StringComparison.Ordinal);
        Assert.Equal(0, bench.DriversMade);
    }

    [Fact]
    public void Plan_ToAFile_NamesItWhenItGivesUpWritingAnythingElse()
    {
        using var bench = new Bench();
        var plan = Path.Combine(bench.Root, "plan");

        bench.Run("plan", "-f", bench.Write("a.yaml", Texts.Crate), "--out", plan);

        Assert.Equal(plan, Assert.Single(bench.ReadOnlyAsked)!.Path);
    }

    [Theory]
    [InlineData("apply -f @ -y")]
    [InlineData("destroy -y")]
    public void ChangingCommands_Never_GiveUpWriting(string arguments)
    {
        using var bench = new Bench();
        var path = bench.Write("a.yaml", Texts.Crate);

        bench.Run([.. arguments.Split(' ').Select(a => a.Replace("@", path, StringComparison.Ordinal))]);

        Assert.Empty(bench.ReadOnlyAsked);
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
