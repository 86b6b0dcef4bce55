namespace Provision.EndToEnd.Containers;

/// <summary>What a supervisor that was killed leaves, and who cleans it up.</summary>
public sealed class SupervisorLossTests : ContainerLab
{
    [RootFact]
    public void Supervisor_KilledAndTheContainersRemovedByHand_DestroyLeavesNothing()
    {
        var path = Lab.Write("shell.yaml", ContainerManifests.Shell("sleep 100000"));
        Lab.Apply(path);
        var supervisor = File.ReadAllText(Path.Combine(Lab.Instance.Unified("supervisor"), "cgroup.procs")).Trim();
        foreach (var pid in (string[])[supervisor, Pid(path)!.Value.ToString()])
            Command.Run("/bin/kill", ["-KILL", pid]).Succeeded();
        foreach (var leaf in Lab.Instance.CgroupDirectories().Where(static d => d.EndsWith(".ctr", StringComparison.Ordinal)))
            Eventually("the leaf is removed", () => Command.Run("rmdir", [leaf]).ExitCode == 0);
        Assert.NotEmpty(Processes.OfInstance(Lab.Instance.Name));

        Lab.Run("destroy", "--auto-approve").Succeeded();

        Lab.AssertNothingLeft();
        Eventually("what kept the descriptors has ended", () => Processes.OfInstance(Lab.Instance.Name).Count == 0);
    }
}
