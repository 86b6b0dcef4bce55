using System.Text.RegularExpressions;

namespace Provision.EndToEnd;

public sealed class IsolationTests : LabTest
{
    [RootFact]
    public void Apply_ForeignLinkOfThatName_IsRefusedAndUntouched()
    {
        Lab.Netns.Ip("link add web0 mtu 1234 type bridge");
        var before = Lab.Netns.Ip("-d link show web0");

        var result = Lab.Run("apply", "-f", Lab.Write("shop.yaml", Manifests.Shop), "--auto-approve");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("web0", result.Err, StringComparison.Ordinal);
        Assert.Equal(before, Lab.Netns.Ip("-d link show web0"));
        Assert.Empty(Lab.Instance.CgroupDirectories());
    }

    [RootFact]
    public void ApplyAndDestroy_BesideForeignObjects_LeaveThemAsTheyWere()
    {
        Lab.Netns.Ip("link add other0 type bridge");
        Lab.Netns.Ip("address add 10.1.0.1/24 dev other0");
        Lab.Netns.Ip("link set other0 up");
        Lab.Netns.Ip("route add 10.2.0.0/24 via 10.1.0.2");
        // The bridge's own timers run on; everything else stands still.
        string Link() => Regex.Replace(Lab.Netns.Ip("-d link show other0"), @"_timer +\S+", "");
        string Address() => Lab.Netns.Ip("address show dev other0").Replace(" tentative", "", StringComparison.Ordinal); // for a second or two
        string[] Foreign() => [Link(), Address(), Lab.Netns.Ip("route show dev other0")];
        var before = Foreign();

        Lab.Apply(Lab.Write("shop.yaml", Manifests.Bridge));
        Lab.Run("destroy", "--auto-approve").Exited(0);

        Assert.Equal(before, Foreign());
        Assert.Equal(["lo", "other0"], Lab.Links());
    }

    [RootFact]
    public void Merge_OfAForeignBridge_TouchesOnlyWhatIsStated()
    {
        Lab.Netns.Ip("link add web0 mtu 1234 type bridge ageing_time 12300");
        Lab.Netns.Ip("address add 10.1.0.1/24 dev web0");
        var path = Lab.Write("web0.yaml",
            """
            apiVersion: provision/v1
            kind: Bridge
            metadata: {name: web0, managementPolicy: Merge}
            spec: {mtu: 1400}
            """);

        Lab.Apply(path);

        var link = Lab.Netns.Link("web0")!.Value;
        Assert.Equal(1400, link.GetProperty("mtu").GetInt32());
        Assert.Equal(12300, link.GetProperty("linkinfo").GetProperty("info_data").GetProperty("ageing_time").GetInt32());
        Assert.Equal(["10.1.0.1/24"], Lab.Netns.Addresses("web0"));
        Lab.Plan(0, path);
        Lab.Run("destroy", "--auto-approve").Exited(0);
        Assert.NotNull(Lab.Netns.Link("web0"));
    }

    [RootFact]
    public void Observe_OfAForeignBridge_ReportsAndChangesNothing()
    {
        Lab.Netns.Ip("link add web0 mtu 1234 type bridge");
        var path = Lab.Write("web0.yaml",
            """
            apiVersion: provision/v1
            kind: Bridge
            metadata: {name: web0, managementPolicy: Observe}
            spec: {mtu: 1400}
            """);

        Assert.Contains("mtu", Lab.Run("plan", "-f", path).Out, StringComparison.Ordinal);
        Lab.Run("apply", "-f", path, "--auto-approve");

        Assert.Equal(1234, Lab.Netns.Link("web0")!.Value.GetProperty("mtu").GetInt32());
    }

    [RootFact]
    public void Instances_SideBySide_DoNotSeeEachOther()
    {
        using var other = new Lab();
        Lab.Apply(Lab.Write("shop.yaml", Manifests.Cgroups));
        other.Apply(other.Write("shop.yaml", Manifests.Cgroups));

        other.Run("destroy", "--all", "--auto-approve").Exited(0);

        other.AssertNothingLeft();
        Assert.Equal(128L << 20, new LiveCgroup(Lab, "shop.cg/web.cg").MemoryMax);
    }

    [RootFact]
    public void Apply_ForeignChildInAnOwnedCgroup_StaysAndStopsADestroy()
    {
        var path = Lab.Write("shop.yaml", Manifests.Cgroups);
        Lab.Apply(path);
        new LiveCgroup(Lab, "shop.cg").MakeForeignChild("foreign");

        Lab.Apply(path);
        Assert.NotEqual(0, Lab.Run("destroy", "--auto-approve").ExitCode);

        Assert.True(new LiveCgroup(Lab, "shop.cg/foreign").Exists);
    }
}
