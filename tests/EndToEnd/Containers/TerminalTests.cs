namespace Provision.EndToEnd.Containers;

/// <summary>A container with a terminal, from its manifest on.</summary>
public sealed class TerminalTests : ContainerLab
{
    [RootFact]
    public void Apply_WithATerminal_HasOneAndPlansEmpty()
    {
        var line = "busybox tty; echo $TERM; sleep 100000";
        var path = Lab.Write("shell.yaml", ContainerManifests.Shell(line, "terminal: true"));

        Lab.Apply(path);

        Eventually("it has said what it has", () => Lab.Run("logs", "web-1").Succeeded().Out == "/dev/pts/0\r\nxterm\r\n");
        Assert.Empty(Lab.Plan(0, path).Actions());
        Assert.Matches(@"terminal\s+true", Lab.Run("describe", "Container/web-1", "-f", path).Succeeded().Out);
        Assert.Contains("/dev/pts/1", Lab.Netns.Run(Binary.Path, "exec", "--instance", Lab.Instance.Name, "-t", "web-1", "--", "/bin/busybox", "tty").Succeeded().Out, StringComparison.Ordinal);
        Lab.Write("shell.yaml", ContainerManifests.Shell(line));
        var change = Lab.Plan(2, path).Change("Container/web-1");
        Assert.Equal(("replace", "terminal"), (change.GetProperty("action").GetString(), change.FieldPaths().Single()));
    }
}
