namespace Provision.EndToEnd.Containers;

/// <summary>
/// The agent and what happens inside containers' network namespaces. It looks at everything once a day only: what is
/// repaired was told of by an event.
/// </summary>
public sealed class ContainerNetworkAgentTests : ContainerLab
{
    private string Set => Path.Combine(Lab.Directory.Path, "set");

    private RunningCommand StartAgent(string manifest)
    {
        Lab.Write("set/web.yaml", manifest);
        var agent = Lab.Start("agent", "-f", Set, "--resync", "86400");
        Eventually("the agent starts the container", () => Pid(Set) is not null);
        return agent;
    }

    private static void Stop(RunningCommand agent)
    {
        agent.Signal("TERM");
        agent.Wait(TimeSpan.FromSeconds(120)).Exited(0);
    }

    private static string Shown(int pid, params string[] what) => InNetwork(pid, "ip", what) is { ExitCode: 0 } shown ? shown.Out : "";

    /// <summary>Up, with its address and its route, and nothing else.</summary>
    private static bool IsWhole(int pid) =>
        Shown(pid, "-brief", "-4", "address", "show", "dev", "eth0").Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries) is [_, "UP", "10.88.0.2/24"]
        && Shown(pid, "route", "show", "proto", "80").Trim() == "default via 10.88.0.1 dev eth0"
        && Shown(pid, "route", "show", "proto", "boot").Trim().Length == 0;

    private static void Damage(int pid, params string[] arguments) => InNetwork(pid, "ip", arguments).Succeeded();

    [RootFact]
    public void Agent_WhatIsTakenAwayInside_IsPutBackWithTheSameProcess()
    {
        using var agent = StartAgent(ContainerManifests.Web);
        var pid = Pid(Set)!.Value;
        Eventually("all is there", () => IsWhole(pid));

        Damage(pid, "address", "delete", "10.88.0.2/24", "dev", "eth0");
        Eventually("the address is back, and the route that went with it", () => IsWhole(pid));
        Damage(pid, "route", "delete", "default");
        Eventually("the route is back", () => IsWhole(pid));
        Damage(pid, "link", "set", "eth0", "down");
        Eventually("the link is up", () => IsWhole(pid));
        Damage(pid, "link", "delete", "eth0");
        Eventually("the link is made anew", () => IsWhole(pid));

        Assert.Equal(pid, Pid(Set));
        Stop(agent);
    }

    [RootFact]
    public void Agent_WhatIsAddedInside_IsRemovedWithTheSameProcess()
    {
        using var agent = StartAgent(ContainerManifests.Web);
        var pid = Pid(Set)!.Value;
        Eventually("all is there", () => IsWhole(pid));

        Damage(pid, "address", "add", "10.88.0.77/24", "dev", "eth0");
        Eventually("the address goes", () => IsWhole(pid));
        Damage(pid, "route", "add", "10.55.0.0/16", "via", "10.88.0.9");
        Eventually("the route goes", () => IsWhole(pid));

        Assert.Equal(pid, Pid(Set));
        Stop(agent);
    }

    [RootFact]
    public void Agent_ContainerThatWasStartedAgain_IsFollowedIntoItsNewNamespace()
    {
        using var agent = StartAgent(ContainerManifests.Web);
        var first = Pid(Set)!.Value;
        Command.Run("/bin/kill", ["-KILL", first.ToString()]).Succeeded();
        Eventually("it runs again", () => Pid(Set) is { } now && now != first);
        var pid = Pid(Set)!.Value;
        Eventually("all is there", () => IsWhole(pid));

        Damage(pid, "address", "delete", "10.88.0.2/24", "dev", "eth0");

        Eventually("the address is back", () => IsWhole(pid));
        Assert.Equal((pid, 1), (Pid(Set), Status(Set).GetProperty("restarts").GetInt32()));
        Stop(agent);
    }

    [RootFact]
    public void Agent_ContainerThatEndsOverAndOver_IsLeftToTheRestartPolicyAndHoldsNothing()
    {
        using var agent = StartAgent(ContainerManifests.Web + ContainerManifests.Crashing);
        var pid = Pid(Set)!.Value;
        Eventually("all is there", () => IsWhole(pid));
        Eventually("the other came back often", () => Restarts("crash") >= 20);

        Damage(pid, "address", "delete", "10.88.0.2/24", "dev", "eth0");

        Eventually("the address is back", () => IsWhole(pid));
        Assert.Equal(pid, Pid(Set));
        // Two namespaces at most are held: that of web-1 and that of the other's life just now.
        Eventually("the ended ones are let go", () => Sockets(agent.Pid) <= 2);
        // A replace would have begun to count anew.
        Assert.InRange(Restarts("crash"), 20, int.MaxValue);
        Stop(agent);
    }

    private int Restarts(string name) => Status(Set, name).GetProperty("restarts").GetInt32();

    /// <summary>Pidfds of the process: it holds one with each namespace that it listens to.</summary>
    private static int Sockets(int pid) => Directory.GetFiles($"/proc/{pid}/fd").Count(static f => new FileInfo(f).LinkTarget is "anon_inode:[pidfd]" or "pidfd");
}
