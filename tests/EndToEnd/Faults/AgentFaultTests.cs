using System.Text.Json;

namespace Provision.EndToEnd;

/// <summary>The agent where something refuses, fights back, floods it or ends it.</summary>
public sealed class AgentFaultTests : LabTest
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private string Set => Path.Combine(Lab.Directory.Path, "set");

    private LiveCgroup Web => new(Lab, "shop.cg/web.cg");

    private int? Mtu => Lab.Netns.Link("web0")?.GetProperty("mtu").GetInt32();

    [RootFact]
    public void Agent_UnderAServiceManager_TellsReadyAliveAndStopping()
    {
        Lab.Write("set/shop.yaml", Manifests.Shop);
        using var manager = new ServiceSocket(Path.Combine(Lab.Directory.Path, "notify"));
        using var agent = Lab.StartWith([("NOTIFY_SOCKET", manager.Path), ("WATCHDOG_USEC", "400000")], "agent", "-f", Set);

        Eventually("ready", () => manager.Told().Contains("READY=1"));
        Assert.Equal(128L << 20, Web.MemoryMax); // Ready is told after the first look, not before.
        Eventually("the watchdog is patted", () => manager.Told().Count(static l => l == "WATCHDOG=1") >= 5);
        Assert.DoesNotContain("STOPPING=1", manager.Told());
        agent.Signal("TERM");
        agent.Wait(Patience).Exited(0);
        Assert.Contains("STOPPING=1", manager.Told());
    }

    [RootFact]
    public void Agent_ServiceManagerThatIsGone_GoesOn()
    {
        Lab.Write("set/shop.yaml", Manifests.Shop);
        using var agent = Lab.StartWith([("NOTIFY_SOCKET", "/nowhere/notify"), ("WATCHDOG_USEC", "100000")], "agent", "-f", Set);

        Eventually("it applies", () => Web.Exists && Mtu == 1400);
        Lab.Netns.Ip("link set web0 mtu 1450");
        Eventually("it repairs", () => Mtu == 1400);
        Assert.False(agent.HasExited);
    }

    [RootFact]
    public void Agent_FighterThatUndoesEveryRepair_IsContendedAndOthersAreStillRepaired()
    {
        using var agent = StartAgent();
        var resource = default(JsonElement);

        // Many rounds a second, as a tool that sets its own value whenever it sees another.
        using (var fighter = new RunningCommand(Lab.Netns.Exec("bash", "-c", "while ip link set web0 mtu 1450; do sleep 0.05; done")))
        {
            Eventually("the fight is given up", () =>
            {
                resource = Status("Bridge/web0");
                return Conditions(resource).Contains("Contended");
            });
            Assert.NotEqual("Current", resource.GetProperty("state").GetString());
            Assert.False(fighter.HasExited);
        }

        // A truce ends by itself, and a slow host may see that: what was seen counts only if it still held afterwards.
        Eventually("others are repaired while this one is left alone", () =>
        {
            Lab.Netns.Ip("link set web0 mtu 1450");
            Web.MemoryMax = 64 << 20;
            Eventually("others are repaired", () => Web.MemoryMax == 128L << 20);
            var mtu = Mtu;
            if (!Conditions(Status("Bridge/web0")).Contains("Contended"))
                return false;
            Assert.Equal(1450, mtu);
            return true;
        });

        // New manifests move the ground of the fight.
        Lab.Write("set/shop.yaml", Manifests.Shop.Replace("1400", "1300"));
        Eventually("a new manifest ends the truce", () => Mtu == 1300);
        Eventually("and it is told no more", () => !Conditions(Status("Bridge/web0")).Contains("Contended"));
    }

    [RootFact]
    public void Agent_RefusalThatEnds_IsRecoveredFrom()
    {
        Lab.Netns.Ip("link add web0 mtu 1234 type bridge");
        Lab.Write("set/shop.yaml", Manifests.Shop);
        using var agent = Lab.Start("agent", "-f", Set);

        Eventually("the rest is applied", () => Web.Exists && Web.MemoryMax == 128L << 20);
        Eventually("the refusal is told", () => Conditions(Status("Bridge/web0")).Contains("Refused"));
        Assert.Equal(1234, Mtu);
        Lab.Netns.Ip("link delete web0");
        Eventually("the bridge is made", () => Mtu == 1400);
        Eventually("and the refusal forgotten", () => Status("Bridge/web0").GetProperty("state").GetString() == "Current"
            && !Conditions(Status("Bridge/web0")).Contains("Refused"));
    }

    [RootFact]
    public void Agent_BrokenManifest_IsToldAndRepairsGoOn()
    {
        using var agent = StartAgent();

        Lab.Write("set/more.yaml", "kind: [");
        Eventually("it is told", () => Lab.Run("status", "-o", "json").Exited(0).Out.Contains("ManifestsInvalid", StringComparison.Ordinal));
        Web.MemoryMax = 64 << 20;
        Eventually("the limit is repaired", () => Web.MemoryMax == 128L << 20);
        Lab.Netns.Ip("link delete web0");
        Eventually("the bridge is made anew", () => Mtu == 1400);

        File.Delete(Path.Combine(Set, "more.yaml"));
        Eventually("the mended set is good again", () => !Lab.Run("status", "-o", "json").Exited(0).Out.Contains("ManifestsInvalid", StringComparison.Ordinal));
    }

    [RootFact]
    public void Agent_ManifestCutToNothing_KeepsWhatItHad()
    {
        using var agent = StartAgent();

        File.WriteAllText(Path.Combine(Set, "shop.yaml"), "");
        Eventually("it is told", () => Lab.Run("status", "-o", "json").Exited(0).Out.Contains("ManifestsInvalid", StringComparison.Ordinal));
        Web.MemoryMax = 64 << 20;
        Eventually("the limit is repaired", () => Web.MemoryMax == 128L << 20);

        Lab.Write("set/shop.yaml", Manifests.Shop.Replace("1400", "1300"));
        Eventually("the whole file is taken", () => Mtu == 1300);
    }

    [RootFact]
    public void Agent_DirectoryThatIsEmptied_KeepsWhatItHad()
    {
        using var agent = StartAgent();

        File.Delete(Path.Combine(Set, "shop.yaml"));
        Eventually("it is told", () => Lab.Run("status", "-o", "json").Exited(0).Out.Contains("ManifestsInvalid", StringComparison.Ordinal));
        Web.MemoryMax = 64 << 20;
        Eventually("the limit is repaired", () => Web.MemoryMax == 128L << 20);
    }

    [RootFact]
    public void Agent_ManifestsThatVanish_KeepsWhatItHad()
    {
        using var agent = StartAgent();

        Directory.Delete(Set, recursive: true);
        Thread.Sleep(500);
        Web.MemoryMax = 64 << 20;
        Eventually("the limit is repaired", () => Web.MemoryMax == 128L << 20);

        Assert.False(agent.HasExited);
    }

    [RootFact]
    public void Agent_TerminatedInMidWork_EndsWith0AndTheNextApplyConverges()
    {
        var path = Lab.Write("set/many.yaml", Manifests.ManyCgroups(60) + "---\n" + Manifests.ManyBridges(60));
        for (var round = 0; round < 3; round++)
        {
            using (var agent = Lab.Start("agent", "-f", Set))
            {
                Eventually("it works", () => agent.HasExited || Lab.Instance.CgroupDirectories().Count > 20 * round);
                agent.Signal("TERM");
                agent.Wait(Patience).Exited(0);
            }

            Lab.Apply(path);
            Lab.Plan(0, path);
            Lab.Run("destroy", "--auto-approve").Exited(0);
            Lab.AssertNothingLeft();
        }
    }

    [RootFact]
    public void Agent_Killed_LeavesTheHostAndAnotherTakesOver()
    {
        using (var agent = StartAgent())
        {
            agent.Signal("KILL");
            agent.Wait(Patience);
        }

        Lab.Plan(0, Set);
        Assert.DoesNotContain("Contended", Lab.Run("status", "-f", Set, "-o", "json").Exited(0).Out, StringComparison.Ordinal);
        using var other = StartAgent();
        Lab.Netns.Ip("link set web0 mtu 1450");
        Eventually("the other repairs", () => Mtu == 1400);
    }

    [RootFact]
    public void Agent_UnderAFloodOfForeignLinks_StaysCorrect()
    {
        using var agent = StartAgent();
        var add = Lab.Write("add", string.Concat(Enumerable.Range(1, 200).Select(static i => $"link add flood{i} type bridge\nlink set flood{i} up\n")));
        var delete = Lab.Write("delete", string.Concat(Enumerable.Range(1, 200).Select(static i => $"link delete flood{i}\n")));

        for (var round = 0; round < 3; round++)
        {
            Lab.Netns.Ip($"-batch {add}");
            Lab.Netns.Ip("link set web0 mtu 1450");
            Web.MemoryMax = 64 << 20;
            Lab.Netns.Ip($"-batch {delete}");
            Lab.Netns.Ip("address add 10.99.0.1/24 dev web0");
        }

        Eventually("everything is repaired", () => Mtu == 1400 && Web.MemoryMax == 128L << 20 && !Lab.Netns.Addresses("web0").Contains("10.99.0.1/24"));
        Assert.Equal(["lo", "web0"], Lab.Links());
        Assert.False(agent.HasExited);
        Lab.Plan(0, Set);
    }

    [RootFact]
    public void Agent_ApplyBesideIt_BothEndWell()
    {
        using var agent = StartAgent();

        for (var i = 0; i < 5; i++)
        {
            Lab.Netns.Ip("link set web0 mtu 1450");
            Web.MemoryMax = 64 << 20;
            Lab.Run("apply", "-f", Set, "--auto-approve").Exited(0);
        }

        Eventually("everything is as declared", () => Mtu == 1400 && Web.MemoryMax == 128L << 20);
        Lab.Plan(0, Set);
    }

    private RunningCommand StartAgent()
    {
        Lab.Write("set/shop.yaml", Manifests.Shop);
        var agent = Lab.Start("agent", "-f", Set);
        Eventually("the agent applies at its start", () => Web.Exists && Web.MemoryMax == 128L << 20 && Mtu == 1400);
        return agent;
    }

    private JsonElement Status(string resource) => Lab.Run("status", "-f", Set, "-o", "json").Exited(0).Json
        .GetProperty("resources").EnumerateArray().Single(r => r.GetProperty("resource").GetString() == resource);

    private static string[] Conditions(JsonElement resource) =>
        [.. resource.GetProperty("conditions").EnumerateArray().Select(static c => c.GetProperty("type").GetString()!)];

    private static void Eventually(string what, Func<bool> holds) =>
        Assert.True(SpinWait.SpinUntil(() => { Thread.Sleep(20); return holds(); }, Patience), what);
}
