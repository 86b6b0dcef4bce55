namespace Provision.EndToEnd;

public sealed class AgentTests : LabTest
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private LiveCgroup Web => new(Lab, "shop.cg/web.cg");

    private int? Mtu => Lab.Netns.Link("web0")?.GetProperty("mtu").GetInt32();

    private static void Eventually(string what, Func<bool> holds) =>
        Assert.True(SpinWait.SpinUntil(() => { Thread.Sleep(5); return holds(); }, Patience), what);

    private RunningCommand StartAgent()
    {
        Lab.Write("set/shop.yaml", Manifests.Shop);
        var agent = Lab.Start("agent", "-f", Path.Combine(Lab.Directory.Path, "set"));
        Eventually("the agent applies at its start", () => Web.Exists && Web.MemoryMax == 128L << 20 && Mtu == 1400);
        return agent;
    }

    [RootFact]
    public void Agent_ForeignChanges_AreRepaired()
    {
        using var agent = StartAgent();

        Web.MemoryMax = 64 << 20;
        Eventually("the limit is repaired", () => Web.MemoryMax == 128L << 20);
        Lab.Netns.Ip("link set web0 mtu 1450");
        Eventually("the MTU is repaired", () => Mtu == 1400);
        Lab.Netns.Ip("address add 10.99.0.1/24 dev web0");
        Eventually("the foreign address goes", () => !Lab.Netns.Addresses("web0").Contains("10.99.0.1/24"));
        Lab.Netns.Ip("link delete web0");
        Eventually("the bridge is made anew", () => Mtu == 1400 && Lab.Netns.Addresses("web0").Length == 2);
    }

    [RootFact]
    public void Agent_ManifestThatChanges_IsApplied()
    {
        using var agent = StartAgent();

        Lab.Write("set/shop.yaml", Manifests.Shop.Replace("1400", "1300"));

        Eventually("the new MTU is set", () => Mtu == 1300);
    }

    [RootFact]
    public void Agent_BrokenEdit_KeepsTheLastGoodSet()
    {
        using var agent = StartAgent();
        Lab.Write("set/shop.yaml", "kind: [");
        Thread.Sleep(500);

        Lab.Netns.Ip("link set web0 mtu 1450");

        Eventually("the last good set is kept", () => Mtu == 1400);
        Assert.False(agent.HasExited);
    }

    [RootFact]
    public void Agent_Terminated_EndsWith0AndLeavesTheKernelAsItIs()
    {
        using var agent = StartAgent();

        agent.Signal("TERM");

        agent.Wait(Patience).Exited(0);
        Lab.Plan(0, Path.Combine(Lab.Directory.Path, "set"));
    }
}
