using System.Diagnostics;

namespace Provision.Cli.Tests;

public sealed class CompletionTests
{
    [Theory]
    [InlineData("pl", "plan")]
    [InlineData("get |B", "Box")]
    [InlineData("plan |-o |", "json table yaml")]
    [InlineData("plan |--pru", "--prune --prune-all")]
    [InlineData("plan |--inst", "--instance")]
    [InlineData("plan |-f |x", ":files")]
    [InlineData("apply |x", ":files")]
    [InlineData("explain |Box.s", "Box.shape Box.size")]
    [InlineData("completion |", "bash fish zsh")]
    [InlineData("schema |--kind |", "Box")]
    [InlineData("describe |-f |@|Box/", "Box/crate")]
    [InlineData("describe |-f |@|-o |j", "json")]
    [InlineData("describe |--stack |x|Bo", "Box/")]
    [InlineData("seccomp |", "compile diff disasm")]
    [InlineData("seccomp |diff |b", ":files built-in")]
    [InlineData("seccomp |diff |x", ":files")]
    [InlineData("seccomp |compile |-o |", "json raw table")]
    [InlineData("nonsense |-", "--debug --instance --no-color --quiet --stack")]
    public void Complete_OfTypedWords_OffersWhatFits(string typed, string expected)
    {
        using var bench = new Bench();
        var path = bench.Write("a.yaml", Texts.Crate);
        var words = typed.Split('|').Select(w => w.Trim().Replace("@", path, StringComparison.Ordinal));

        var (code, data, error) = bench.Run(["__complete", "--", .. words]);

        Assert.Equal((0, ""), (code, error));
        Assert.Equal(expected.Split(' '), data.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static w => w is not ("--help" or "--version")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void BashScript_InBash_AsksTheBinaryAndOffersItsWords()
    {
        using var bench = new Bench();
        var script = bench.Write("completion", bench.Run("completion", "bash").Out);
        // Stands for the binary: tells which words it got.
        var binary = bench.Write("provision", "#!/bin/sh\necho \"$#:$1:$2:$3:$4\"\n");
        File.SetUnixFileMode(binary, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var offered = Bash($"source {script}; COMP_WORDS=({binary} plan --pr); COMP_CWORD=2; _provision; echo \"${{COMPREPLY[@]}}\"; complete -p provision");

        Assert.Equal("4:__complete:--:plan:--pr\ncomplete -F _provision provision\n", offered);
    }

    private static string Bash(string line)
    {
        using var bash = Process.Start(new ProcessStartInfo("bash", ["--norc", "-c", line]) { RedirectStandardOutput = true })!;
        var text = bash.StandardOutput.ReadToEnd();
        bash.WaitForExit();
        return text;
    }
}
