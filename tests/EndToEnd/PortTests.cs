using System.Text.Json;

namespace Provision.EndToEnd;

/// <summary>Links adopted as ports of a bridge, seen by ip(8).</summary>
public sealed class PortTests : LabTest
{
    private const string Ports =
        """
        apiVersion: provision/v1
        kind: Bridge
        metadata: {name: web0}
        spec:
          mtu: 1400
          ports:
            - {link: eth1, hairpin: true, isolated: true, cost: 42, priority: 7}
            - {link: eth2}

        """;

    private JsonElement Port(string link) => Lab.Netns.Link(link)!.Value;

    private JsonElement Options(string link) => Port(link).GetProperty("linkinfo").GetProperty("info_slave_data");

    private string Apply()
    {
        Lab.Netns.Ip("link add eth1 type veth peer name far1");
        Lab.Netns.Ip("link add eth2 type veth peer name far2");
        var path = Lab.Write("ports.yaml", Ports);
        Lab.Run("apply", "-f", path, "--auto-approve").Exited(0);
        return path;
    }

    private void AssertAsDeclared()
    {
        Assert.Equal(("web0", "web0"), (Port("eth1").GetProperty("master").GetString(), Port("eth2").GetProperty("master").GetString()));
        Assert.Equal((true, true, 42, 7), Of("eth1"));
        Assert.Equal((false, false), (Options("eth2").GetProperty("hairpin").GetBoolean(), Options("eth2").GetProperty("isolated").GetBoolean()));
    }

    private (bool, bool, int, int) Of(string link) => (Options(link).GetProperty("hairpin").GetBoolean(), Options(link).GetProperty("isolated").GetBoolean(),
        Options(link).GetProperty("cost").GetInt32(), Options(link).GetProperty("priority").GetInt32());

    [RootFact]
    public void Ports_Declared_AreAdoptedWithTheirOptions()
    {
        var path = Apply();

        AssertAsDeclared();
        Lab.Plan(0, path);
        Lab.Run("destroy", "--auto-approve").Exited(0);
        Assert.Equal(["eth1", "eth2", "far1", "far2", "lo"], Lab.Links());
        Assert.False(Port("eth1").TryGetProperty("master", out _));
    }

    [RootFact]
    public void Ports_TakenOffAndChangedByHand_AreRepaired()
    {
        var path = Apply();
        var index = Port("web0").GetProperty("ifindex").GetInt32();

        Lab.Netns.Ip("link set eth1 nomaster");
        Lab.Netns.Ip("link set eth1 master web0");
        Lab.Netns.Ip("link set eth2 nomaster");
        Assert.Equal(2, Lab.Run("drift", "-f", path).ExitCode);
        Lab.Run("apply", "-f", path, "--auto-approve").Exited(0);

        AssertAsDeclared();
        Assert.Equal(index, Port("web0").GetProperty("ifindex").GetInt32());
        Lab.Plan(0, path);
    }

    [RootFact]
    public void Port_ForeignOnAnOwnedBridge_IsDriftAndTakenOff()
    {
        var path = Apply();
        Lab.Netns.Ip("link add eth3 type veth peer name far3");
        Lab.Netns.Ip("link set eth3 master web0");

        Assert.Equal(["ports[eth3]"], Lab.Plan(2, path).Change("Bridge/web0").FieldPaths());
        Lab.Run("apply", "-f", path, "--auto-approve").Exited(0);

        Assert.False(Port("eth3").TryGetProperty("master", out _));
        Lab.Plan(0, path);
    }

    [RootFact]
    public void Port_ThatIsNotThere_IsAnErrorBeforeAnyChange()
    {
        Lab.Netns.Ip("link add eth1 type veth peer name far1");
        var path = Lab.Write("ports.yaml", Ports + "---\n" + Manifests.Cgroups);

        var result = Lab.Run("apply", "-f", path, "--auto-approve");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("eth2", result.Err, StringComparison.Ordinal);
        Assert.Null(Lab.Netns.Link("web0"));
        Assert.Empty(Lab.Instance.CgroupDirectories());
    }

    [RootFact]
    public void Port_ThatVanishesFromAnAppliedBridge_IsToldAndNothingElseChanges()
    {
        var path = Apply();
        Lab.Netns.Ip("link delete eth2");

        var result = Lab.Run("apply", "-f", path, "--auto-approve");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("eth2", result.Err, StringComparison.Ordinal);
        Assert.Equal((true, true, 42, 7), Of("eth1"));
    }

    [RootFact]
    public void Port_ThatRefusesInMidApply_UnwindsCompletely()
    {
        var path = Apply();
        Lab.Netns.Ip("link set eth1 nomaster");
        Lab.Netns.Ip("link set web0 mtu 1450");
        var before = Picture.Of(Lab);
        string[] apply = ["apply", "-f", path, "--auto-approve"];
        var sites = Injection.Changes(Lab, apply).Where(static s => s.Name == "sendto").ToList();
        Assert.NotEmpty(sites);

        foreach (var site in sites)
        {
            Lab.Netns.Ip("link set eth1 nomaster");
            Lab.Netns.Ip("link set web0 mtu 1450");
            Lab.RunWithFault(site, "error=EPERM", apply).Exited(5);
            Assert.Equal(before, Picture.Of(Lab));
        }
    }
}
