namespace Provision.EndToEnd.Containers;

/// <summary>The agent and containers: what it repairs, and what it leaves to the restart policy.</summary>
public sealed class ContainerAgentTests : ContainerLab
{
    private string Set => Path.Combine(Lab.Directory.Path, "set");

    private LiveCgroup Leaf => new(Lab, "shop.cg/web-1.ctr");

    private RunningCommand StartAgent()
    {
        Lab.Write("set/web.yaml", ContainerManifests.Web);
        var agent = Lab.Start("agent", "-f", Set);
        Eventually("the agent starts the container", () => Pid(Set) is not null);
        return agent;
    }

    [RootFact]
    public void Agent_ForeignLimitAndLinkPulledOut_AreRepairedWithTheSameProcess()
    {
        using var agent = StartAgent();
        var pid = Pid(Set)!.Value;

        Leaf.MemoryMax = 32 << 20;
        Eventually("the limit is repaired", () => Leaf.MemoryMax == 64L << 20);
        InNetwork(pid, "ip", "link", "delete", "eth0").Succeeded();
        Eventually("the link is made anew", () =>
            InNetwork(pid, "ip", "-brief", "address", "show", "eth0") is { ExitCode: 0 } shown && shown.Out.Contains("10.88.0.2/24", StringComparison.Ordinal));
        Assert.Equal(pid, Pid(Set));
        Stop(agent);
    }

    [RootFact]
    public void Agent_ContainerStoppedByHand_IsStartedAgain()
    {
        using var agent = StartAgent();

        Lab.Run("stop", "web-1").Succeeded();

        Eventually("it runs again", () => Pid(Set) is not null);
        Stop(agent);
    }

    [RootFact]
    public void Agent_ProcessKilled_IsLeftToTheRestartPolicy()
    {
        using var agent = StartAgent();
        var pid = Pid(Set)!.Value;

        Command.Run("/bin/kill", ["-KILL", pid.ToString()]).Succeeded();

        Eventually("it runs again", () => Pid(Set) is { } now && now != pid);
        Assert.Equal(1, Status(Set).GetProperty("restarts").GetInt32());
        Stop(agent);
    }

    [RootFact]
    public void Agent_ContainerOutOfMemory_IsToldByStatusAndLeftAlone()
    {
        var path = Lab.Write("set/hog.yaml", ContainerManifests.Shell(
            "head -c 200000000 /dev/zero | tail", "resources: {memory: {max: 16Mi, swapMax: 0}}\n  restart: {policy: Never}"));
        using var agent = Lab.Start("agent", "-f", Set);

        Eventually("its end is told", () => Lab.Run("status", "-f", path, "-o", "json").Succeeded().Json.GetProperty("resources").EnumerateArray()
            .Any(static r => r.TryGetProperty("oomKilled", out var killed) && killed.GetBoolean()));

        var status = Status(path);
        Assert.Equal(("Exited", 137, 0), (status.GetProperty("phase").GetString(), status.GetProperty("exitStatus").GetInt32(), status.GetProperty("restarts").GetInt32()));
        Assert.Contains("out of memory", Lab.Run("status", "-f", path).Succeeded().Out, StringComparison.Ordinal);
        Stop(agent);
    }

    private static void Stop(RunningCommand agent)
    {
        agent.Signal("TERM");
        agent.Wait(TimeSpan.FromSeconds(120)).Exited(0);
    }
}
