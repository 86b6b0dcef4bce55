namespace Provision.EndToEnd.Containers;

/// <summary>A container in the place of another of its name.</summary>
public sealed class ReplaceTests : ContainerLab
{
    [RootFact]
    public void Replace_OfAContainer_KeepsTheLogOfBothRuns()
    {
        var path = Lab.Write("shell.yaml", ContainerManifests.Shell("echo first; sleep 100000"));
        Lab.Apply(path);
        Eventually("the first has said so", () => Logs() == "first\n");
        Lab.Write("shell.yaml", ContainerManifests.Shell("echo second; sleep 100000"));

        Assert.Equal(["Container/web-1 replace"], Lab.Plan(2, path).Actions());
        Lab.Apply(path);

        Eventually("the second has said so", () => Logs() == "first\nsecond\n");
        Lab.Run("destroy", "--auto-approve").Succeeded();
        Assert.Equal(1, Lab.Run("logs", "web-1").ExitCode);
    }

    [RootFact]
    public void Replace_ByOneThatCannotStart_IsToldAndTheNextApplyConverges()
    {
        var good = ContainerManifests.Shell("echo ran; sleep 100000");
        var path = Lab.Write("shell.yaml", good);
        Lab.Apply(path);
        Eventually("it has said so", () => Logs() == "ran\n");
        Lab.Write("shell.yaml", good.Replace("/bin/busybox", "/no/such/program"));

        var failed = Lab.Run("apply", "-f", path, "--auto-approve").Exited(4);

        Assert.Contains("/no/such/program", failed.Err, StringComparison.Ordinal);
        // Again: there is nothing to replace now, and nothing is left of the attempt.
        Lab.Run("apply", "-f", path, "--auto-approve").Exited(5);
        Lab.Write("shell.yaml", good);
        Lab.Apply(path);
        Lab.Plan(0, path);
        Eventually("the log goes on", () => Logs() == "ran\nran\n");
    }

    private string Logs() => Lab.Run("logs", "web-1").Succeeded().Out;
}
