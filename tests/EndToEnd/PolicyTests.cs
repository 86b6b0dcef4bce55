namespace Provision.EndToEnd;

/// <summary>The policies of metadata, and what is replaced and why.</summary>
public sealed class PolicyTests : LabTest
{
    private const string Web = "apiVersion: provision/v1\nkind: Bridge\nmetadata: {name: web0}\nspec: {mtu: 1400, ageingTime: 60s}\n";

    [RootFact]
    public void Orphan_DestroyedOrPruned_IsReleasedAndStays()
    {
        var path = Lab.Write("web.yaml", Web.Replace("name: web0", "name: web0, deletionPolicy: Orphan")
            + "---\napiVersion: provision/v1\nkind: Cgroup\nmetadata: {name: kept, deletionPolicy: Orphan}\nspec: {pids: {max: 9}}\n");
        Lab.Apply(path);

        Assert.Contains("Orphan", Lab.Run("destroy", "--auto-approve").Exited(0).Out, StringComparison.Ordinal);

        Assert.Equal(1400, Lab.Netns.Link("web0")!.Value.GetProperty("mtu").GetInt32());
        Assert.Equal(9, new LiveCgroup(Lab, "kept.cg").PidsMax);
        var there = Lab.Run("get", "-o", "json").Exited(0).Out;
        Assert.DoesNotContain("web0", there, StringComparison.Ordinal);
        // Released is foreign: it is not taken back without being asked to.
        Assert.NotEqual(0, Lab.Run("apply", "-f", path, "--auto-approve").ExitCode);
        Lab.Run("destroy", "--auto-approve").Exited(0);
        Assert.NotNull(Lab.Netns.Link("web0"));
    }

    [RootFact]
    public void Parent_ThatMoves_ReplacesAndSaysWhy()
    {
        var path = Lab.Write("shop.yaml", Manifests.Cgroups);
        Lab.Apply(path);
        Lab.Write("shop.yaml", Manifests.Cgroups.Replace("  parent: shop\n", ""));

        var change = Lab.Plan(2, path).Change("Cgroup/web");

        Assert.Equal("replace", change.GetProperty("action").GetString());
        var field = change.Field("parent");
        Assert.False(field.GetProperty("inPlace").GetBoolean());
        var reason = field.GetProperty("reason").GetString()!;
        Assert.NotEmpty(reason);
        Assert.Contains(reason, Lab.Run("plan", "-f", path).Exited(2).Out, StringComparison.Ordinal);
        Lab.Apply(path);
        Assert.Equal(128L << 20, new LiveCgroup(Lab, "web.cg").MemoryMax);
        Assert.False(new LiveCgroup(Lab, "shop.cg/web.cg").Exists);
        Lab.Plan(0, path);
    }

    [RootFact]
    public void PreventReplace_ParentThatMoves_IsRefusedAndNothingChanges()
    {
        var guarded = Manifests.Cgroups.Replace("name: web", "name: web\n  preventReplace: true");
        var path = Lab.Write("shop.yaml", guarded);
        Lab.Apply(path);
        Lab.Write("shop.yaml", guarded.Replace("  parent: shop\n", "").Replace("256Mi", "200Mi"));

        var result = Lab.Run("apply", "-f", path, "--auto-approve");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("preventReplace", result.Err, StringComparison.Ordinal);
        Assert.Contains("parent", result.Err, StringComparison.Ordinal);
        Assert.True(new LiveCgroup(Lab, "shop.cg/web.cg").Exists);
        Assert.Equal(256L << 20, new LiveCgroup(Lab, "shop.cg").MemoryMax);
    }

    [RootFact]
    public void IgnoreFields_ForeignValue_IsNoDriftAndIsKept()
    {
        var path = Lab.Write("web.yaml", Web.Replace("name: web0", "name: web0, ignoreFields: [mtu]"));
        Lab.Apply(path);
        Lab.Netns.Ip("link set web0 mtu 1450");

        var drift = Lab.Drift(0, path);

        Assert.Contains(drift.GetProperty("exempt").EnumerateArray(), static e => e.GetProperty("field").GetString() == "mtu" && e.GetProperty("why").GetString()!.Length > 0);
        Lab.Netns.Ip("link set web0 type bridge ageing_time 12300");
        Assert.Equal(["ageingTime"], Lab.Plan(2, path).Change("Bridge/web0").FieldPaths());
        Lab.Apply(path);
        Assert.Equal(1450, Lab.Netns.Link("web0")!.Value.GetProperty("mtu").GetInt32());
        Lab.Plan(0, path);
    }

    [RootFact]
    public void Merge_FieldDropped_KeepsItsValueAndThePlanSaysSo()
    {
        Lab.Netns.Ip("link add web0 mtu 1234 type bridge");
        var merged = Web.Replace("name: web0", "name: web0, managementPolicy: Merge");
        var path = Lab.Write("web.yaml", merged);
        Lab.Apply(path);
        Lab.Write("web.yaml", merged.Replace(", ageingTime: 60s", "").Replace("1400", "1300"));

        Assert.Contains("ageingTime", Lab.Run("plan", "-f", path).Exited(2).Out, StringComparison.Ordinal);

        Lab.Apply(path);
        var link = Lab.Netns.Link("web0")!.Value;
        Assert.Equal(1300, link.GetProperty("mtu").GetInt32());
        Assert.Equal(6000, link.GetProperty("linkinfo").GetProperty("info_data").GetProperty("ageing_time").GetInt32());
        Lab.Plan(0, path);
    }

    [RootFact]
    public void Stacks_OfOneInstance_DoNotTouchEachOther()
    {
        var shop = Lab.Write("shop.yaml", Manifests.Cgroups);
        var net = Lab.Write("net.yaml", Manifests.Bridge);
        Lab.Apply(shop, "--stack", "shop");
        Lab.Apply(net, "--stack", "net");

        // What another stack owns cannot be claimed by naming it, nor be pruned by not naming it.
        var claim = Lab.Run("apply", "-f", net, "--auto-approve", "--stack", "shop");
        Assert.NotEqual(0, claim.ExitCode);
        Assert.Contains("net", claim.Err, StringComparison.Ordinal);
        Lab.Run("apply", "-f", shop, "--auto-approve", "--stack", "shop", "--prune").Exited(0);
        Assert.NotNull(Lab.Netns.Link("web0"));
        Lab.Plan(0, net, "--stack", "net");

        Lab.Run("destroy", "--stack", "net", "--auto-approve").Exited(0);
        Assert.Null(Lab.Netns.Link("web0"));
        Lab.Plan(0, shop, "--stack", "shop");
    }

    [RootFact]
    public void ResourceOfTheManifest_ForeignCgroupOfThatName_IsRefusedAndUntouched()
    {
        var path = Lab.Write("shop.yaml", Manifests.Cgroups);
        Lab.Apply(path);
        var shop = new LiveCgroup(Lab, "shop.cg");
        shop.MakeForeignChild("api.cg");
        new LiveCgroup(Lab, "shop.cg/api.cg").PidsMax = 7;
        Lab.Write("shop.yaml", Manifests.Cgroups + "---\napiVersion: provision/v1\nkind: Cgroup\nmetadata: {name: api}\nspec: {parent: shop, pids: {max: 5}}\n");

        var result = Lab.Run("apply", "-f", path, "--auto-approve");

        // Empty and without a mark, under our root: an unfinished creation, ours to finish (DESIGN, promise 2).
        result.Exited(0);
        Assert.Equal(5, new LiveCgroup(Lab, "shop.cg/api.cg").PidsMax);
        Lab.Plan(0, path);
    }
}
