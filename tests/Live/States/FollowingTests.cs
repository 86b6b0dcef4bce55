using Provision.Reconciler;

namespace Provision.Testing.States;

/// <summary>
/// The MTU of a Bridge that declares none, while containers and other Bridges move its ports: of one that the kernel has
/// follow them, and of one that does not follow any more because it once declared one. Witnessed by ip(8).
/// </summary>
public sealed class FollowingTests : IDisposable
{
    private readonly OwnDirectory _directory = new();
    private readonly World _world = new();
    private readonly string _root;

    public FollowingTests() => _root = StateGen.Root(_directory);

    public void Dispose()
    {
        _world.Dispose();
        _directory.Dispose();
    }

    [RootTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Apply_ContainersOfAnyMtuComeAndGo_IsTheSmallest(bool once)
    {
        if (once)
            Converge("mtu: 1480");
        foreach (var (links, mtu) in ((string[] Links, int Mtu)[])
        [
            (["mtu: 1300"], 1300), (["mtu: 1400"], 1400), (["mtu: 1400", "mtu: 1350"], 1350), (["", "mtu: 1350"], 1350), ([], 1500), (["mtu: 1400", "", "mtu: 1300"], 1300),
        ])
        {
            Converge("", links);
            Assert.Equal(mtu, Mtu("web0"));
        }

        // One that was made with what the bridge had keeps it, and the bridge with it.
        Converge("", "", "mtu: 1450", "mtu: 1450");
        Assert.Equal(_world.Netns.IpJson("link show master web0").EnumerateArray().Min(static l => l.GetProperty("mtu").GetInt32()), Mtu("web0"));
        Converge("");
        Assert.Equal(1500, Mtu("web0"));
    }

    [RootTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Apply_PortThatAnotherBridgeTakes_IsTheSmallestOfBoth(bool once)
    {
        string Set(string mtu, string web0, string db0) => Document("web0", $"{mtu}ports: [{web0}]") + Document("db0", $"{mtu}ports: [{db0}]");
        if (once)
            _world.Converge(World.Parse(Set("mtu: 1480, ", "", "")));

        // eth2 has 1450.
        foreach (var (web0, db0) in ((string, string)[])[("{link: eth2}", "{link: eth1}"), ("{link: eth1}", "{link: eth2}"), ("{link: eth2}, {link: eth1}", ""), ("", "{link: eth2}")])
        {
            _world.Converge(World.Parse(Set("", web0, db0)));
            Assert.Equal((web0.Contains("eth2", StringComparison.Ordinal) ? 1450 : 1500, db0.Contains("eth2", StringComparison.Ordinal) ? 1450 : 1500), (Mtu("web0"), Mtu("db0")));
        }
    }

    [RootFact]
    public void Apply_RefusedAfterTheContainers_IsTakenBack()
    {
        Converge("mtu: 1480");
        Converge("", "mtu: 1300");
        var plan = _world.Plan(Set("", "mtu: 1400"));
        _world.Refused = plan.Plan.After.Single(static o => o.Text == "set link web0 mtu 1400");

        Assert.Equal(ApplyOutcome.RolledBack, _world.Apply(plan).Outcome);

        Assert.Equal(1300, Mtu("web0"));
        _world.AssertNothingToDo(Set("", "mtu: 1300"));
    }

    private int Mtu(string bridge) => _world.Netns.Link(bridge)!.Value.GetProperty("mtu").GetInt32();

    private void Converge(string bridge, params string[] links) => _world.Converge(Set(bridge, links));

    private Spec.ResourceSet Set(string bridge, params string[] links) => World.Parse(Document("web0", bridge) + string.Concat(links.Select((link, i) =>
        $"---\napiVersion: provision/v1\nkind: Container\nmetadata: {{name: k{i}}}\nspec:\n  rootfs: {{directory: {_root}}}\n  command: [/bin/sleep, \"100000\"]\n"
        + $"  stop: {{signal: KILL}}\n  networks: [{{bridge: web0, interface: eth0{(link.Length > 0 ? ", " : "")}{link}}}]\n")));

    private static string Document(string name, string spec) => $"---\napiVersion: provision/v1\nkind: Bridge\nmetadata: {{name: {name}}}\nspec: {{{spec}}}\n";
}
