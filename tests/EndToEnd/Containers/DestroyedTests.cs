namespace Provision.EndToEnd.Containers;

/// <summary>What is there when <c>destroy</c> has come back.</summary>
public sealed class DestroyedTests : ContainerLab
{
    private static string Sleeping(string name) =>
        $$"""
        apiVersion: provision/v1
        kind: Container
        metadata: {name: {{name}}}
        spec: {command: [/bin/busybox, sleep, "100000"], stop: {timeout: 10ms} }

        """;

    private string State => $"/var/lib/provision/{Lab.Instance.Name}";

    [RootFact]
    public void Destroy_OfTheLastContainer_LeavesNoProcessAndNoDirectoryOfItsState()
    {
        var path = Lab.Write("web.yaml", Sleeping("web-1"));
        Lab.Apply(path);
        Assert.NotEmpty(Processes.OfInstance(Lab.Instance.Name));
        Assert.True(Directory.Exists(State));

        Lab.Run("destroy", "--auto-approve").Succeeded();

        Assert.Empty(Processes.OfInstance(Lab.Instance.Name));
        Assert.False(Directory.Exists(State));
    }

    [RootFact]
    public void Destroy_OfOneStack_LeavesTheContainerOfAnotherItsSupervisor()
    {
        Lab.Apply(Lab.Write("web.yaml", Sleeping("web-1")));
        var other = Lab.Write("other.yaml", Sleeping("web-2"));
        Lab.Apply(other, "--stack", "other");
        string Supervisor() => File.ReadAllText(Path.Combine(Lab.Instance.Unified("supervisor"), "cgroup.procs"));
        var before = Supervisor();

        Lab.Run("destroy", "--auto-approve").Succeeded();

        Assert.Equal(before, Supervisor());
        Lab.Run("plan", "-f", other, "--stack", "other").Exited(0);
        Lab.Run("destroy", "--auto-approve", "--all").Succeeded();
    }
}
