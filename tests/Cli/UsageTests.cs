namespace Provision.Cli.Tests;

public sealed class UsageTests
{
    [Theory]
    [InlineData("", "Required command")]
    [InlineData("pln", "did you mean plan?")]
    [InlineData("plan --prun -f x", "did you mean --prune?")]
    [InlineData("plan", "no manifests given")]
    [InlineData("plan -f x -o xml", "xml")]
    [InlineData("plan -f x --instance A", "--instance A")]
    [InlineData("plan -f x --stack a/b", "--stack a/b")]
    [InlineData("apply -f x --lock-timeout -1", "--lock-timeout -1")]
    [InlineData("apply -f x --lock-timeout soon", "--lock-timeout soon")]
    [InlineData("plan -f", "-f")]
    [InlineData("describe", "describe")]
    [InlineData("completion tcsh", "bash, zsh or fish")]
    [InlineData("get Bux", "did you mean Box?")]
    [InlineData("schema --kind Bux", "did you mean Box?")]
    [InlineData("apply saved --prune", "--prune belongs to")]
    [InlineData("apply saved --prune-all", "--prune-all belongs to")]
    [InlineData("apply saved --force", "--force belongs to")]
    [InlineData("seccomp", "Required command")]
    [InlineData("seccomp disasm", "disasm")]
    [InlineData("seccomp compile built-in --arch sparc", "amd64, x32, x86, arm64 or arm")]
    [InlineData("seccomp compile built-in --cap SYS_ADMN", "--cap SYS_ADMN")]
    [InlineData("seccomp compile built-in --kernel new", "--kernel new")]
    [InlineData("agent", "no manifests given")]
    [InlineData("agent -f -", "standard input")]
    public void Arguments_ThatAreWrong_Are64AndSayWhy(string arguments, string expected)
    {
        using var bench = new Bench();

        var (code, data, error) = bench.Run(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(64, code);
        Assert.Empty(data);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("plan --help")]
    [InlineData("version")]
    public void Help_Asked_IsDataAndDone(string arguments)
    {
        using var bench = new Bench();

        var (code, data, error) = bench.Run(arguments.Split(' '));

        Assert.Equal((0, ""), (code, error));
        Assert.NotEmpty(data);
    }

    [Fact]
    public void Defects_WithoutDebug_AreOneLine()
    {
        using var bench = new Bench { Interrupts = static () => throw new InvalidOperationException("two\nlines") };
        var path = bench.Write("a.yaml", Texts.Crate);

        var (code, _, error) = bench.Run("apply", "-f", path, "-y");

        Assert.Equal(1, code);
        Assert.Contains("unexpected InvalidOperationException: two\n", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.Contains("   at ", bench.Run("apply", "-f", path, "-y", "--debug").Error, StringComparison.Ordinal);
    }
}
