namespace Provision.Cli.Tests;

public sealed class OutputTests
{
    private const char Escape = '\x1b';

    [Fact]
    public void Plan_OnATerminal_IsColoured()
    {
        using var bench = new Bench { Colours = true };

        var (_, data, _) = bench.Run("plan", "-f", bench.Write("a.yaml", Texts.Crate));

        Assert.Contains($"{Escape}[32m+", data, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NO_COLOR", "1", "")]
    [InlineData("TERM", "dumb", "")]
    [InlineData("X", "", "--no-color")]
    public void Plan_ToldNotToColour_HasTheSameTextWithoutEscapes(string variable, string value, string option)
    {
        using var bench = new Bench();
        string[] arguments = ["plan", "-f", bench.Write("a.yaml", Texts.Crate)];
        var plain = bench.Run(arguments);

        bench.Colours = true;
        bench.Variables[variable] = value;

        Assert.Equal(plain, bench.Run(option.Length == 0 ? arguments : [.. arguments, option]));
        Assert.DoesNotContain(Escape, plain.Out);
    }

    [Fact]
    public void Quiet_Everywhere_LeavesTheExitCodeAndWhatProgramsAskedFor()
    {
        using var bench = new Bench();
        var path = bench.Write("a.yaml", Texts.Crate);

        Assert.Equal((2, "", ""), bench.Run("plan", "-f", path, "-q"));
        Assert.Equal((0, "", ""), bench.Run("validate", "-f", path, "-q"));
        Assert.Equal((0, "", ""), bench.Run("apply", "-f", path, "-q", "-y"));
        Assert.Equal((0, "", ""), bench.Run("drift", "-f", path, "-q"));
        Assert.StartsWith("{", bench.Run("plan", "-f", path, "-q", "-o", "json").Out, StringComparison.Ordinal);
        Assert.Contains("crate", bench.Run("get", "-q").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Output_ThatCannotBeWritten_IsAnError()
    {
        using var full = new StreamWriter(new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0));
        using var bench = new Bench { Out = full };

        var (code, _, error) = bench.Run("version");

        Assert.Equal(1, code);
        Assert.Contains("ENOSPC", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_WithEscapesInThem_AreNotPassedOn()
    {
        using var bench = new Bench();
        var path = bench.Write("a.yaml", Texts.Crate.Replace("\"3\"", "\"\\e[31m\""));

        Assert.DoesNotContain(Escape, bench.Run("plan", "-f", path, "--show", "operations").Out);
    }
}
