namespace Provision.EndToEnd;

public sealed class OutputTests : LabTest
{
    private const char Escape = '\x1b';

    // Select Graphic Rendition; the runtime itself sends other sequences to every terminal.
    private const string Colour = @"\x1b\[[0-9;]+m";

    [RootFact]
    public void Plan_WithoutATerminal_HasNoEscapes() =>
        Assert.DoesNotContain(Escape, Lab.Run("plan", "-f", Lab.Write("shop.yaml", Manifests.Shop)).Exited(2).Out);

    [RootFact]
    public void Plan_OnATerminal_IsColouredUnlessToldNotTo()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);

        Assert.Matches(Colour, OnATerminal("", "", "plan", "-f", path).Out);
        Assert.DoesNotMatch(Colour, OnATerminal("NO_COLOR=1 ", "", "plan", "-f", path).Out);
    }

    [RootFact]
    public void Apply_WithoutATerminalOrApproval_IsRefusedWithAHint()
    {
        var result = Lab.Run("apply", "-f", Lab.Write("shop.yaml", Manifests.Shop));

        Assert.Contains(result.ExitCode, (int[])[1, 64]);
        Assert.Contains("--auto-approve", result.Err, StringComparison.Ordinal);
        Lab.AssertNothingLeft();
    }

    [RootFact]
    public void Apply_OnATerminal_AsksAndObeys()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);

        OnATerminal("", "no\n", "apply", "-f", path);
        Lab.AssertNothingLeft();

        OnATerminal("", "yes\n", "apply", "-f", path);
        Lab.Plan(0, path);
    }

    [RootFact]
    public void Apply_WithNothingToDo_DoesNotAsk()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);
        Lab.Apply(path);

        Lab.Run("apply", "-f", path).Exited(0);
    }

    [RootTheory]
    [InlineData("--no-such-option")]
    [InlineData("no-such-command")]
    public void Usage_ThatIsWrong_Is64(string word)
    {
        var result = Lab.Run("plan", word, "-f", "/dev/null");

        result.Exited(64);
        Assert.Contains(word, result.Err, StringComparison.Ordinal);
        Assert.Empty(result.Out);
    }

    [RootFact]
    public void Version_Alone_IsOneLine() =>
        Assert.Matches(@"^provision \d+\.\d+\.\d+\S*\n$", Command.Run(Binary.Path, ["version"]).Succeeded().Out);

    [RootFact]
    public void Completion_ForBash_RegistersItself()
    {
        var script = Lab.Write("completion.bash", Command.Run(Binary.Path, ["completion", "bash"]).Succeeded().Out);

        Command.Run("bash", ["-c", $"source {script} && complete -p provision"]).Succeeded();
    }

    [RootFact]
    public void Explain_OfAField_TellsDocTypeAndDefault()
    {
        var text = Command.Run(Binary.Path, ["explain", "Cgroup.memory.max"]).Succeeded().Out;

        Assert.Contains("memory.max", text, StringComparison.Ordinal);
        Assert.Contains("256Mi", Command.Run(Binary.Path, ["explain", "Cgroup"]).Succeeded().Out, StringComparison.Ordinal);
    }

    [RootFact]
    public void Status_OfAnAppliedSet_IsCurrent()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);
        Lab.Apply(path);

        var status = Lab.Run("status", "-f", path, "-o", "json").Exited(0).Json;

        Assert.Equal("provision/status/v1", status.GetProperty("schemaVersion").GetString());
        Assert.Equal(["Current", "Current", "Current"], status.GetProperty("resources").EnumerateArray().Select(static r => r.GetProperty("state").GetString()));
    }

    [RootFact]
    public void Apply_WithoutRoot_SaysSoAndChangesNothing()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);
        var copy = Path.Combine(Lab.Directory.Path, "provision"); // The checkout may lie where only root looks.
        File.Copy(Binary.Path, copy);

        var result = Command.Run(Lab.Netns.Exec("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
            copy, "apply", "-f", path, "--auto-approve", "--instance", Lab.Instance.Name));

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("root", result.Err, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", result.Err, StringComparison.Ordinal);
        Lab.AssertNothingLeft();
    }

    // script(1) runs the line on a pty and passes its stdin on.
    private CommandResult OnATerminal(string environment, string stdin, params string[] arguments)
    {
        var line = $"{environment}{Binary.Path} {string.Join(' ', arguments)} --instance {Lab.Instance.Name}";
        var start = Lab.Netns.Exec("script", "--quiet", "--return", "--command", line, "/dev/null");
        start.Environment["TERM"] = "xterm-256color";
        start.Environment.Remove("NO_COLOR");
        start.Environment.Remove("CI");
        return Command.Run(start, stdin);
    }
}
