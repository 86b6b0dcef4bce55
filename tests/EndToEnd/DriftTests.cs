namespace Provision.EndToEnd;

public sealed class DriftTests : LabTest
{
    private LiveCgroup Web => new(Lab, "shop.cg/web.cg");

    private string Applied()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);
        Lab.Apply(path);
        return path;
    }

    [RootFact]
    public void Drift_ForeignChanges_AreTheWholeReport()
    {
        var path = Applied();
        Web.MemoryMax = 64 << 20;
        Lab.Netns.Ip("link set web0 mtu 1450");
        Lab.Netns.Ip("address add 10.99.0.1/24 dev web0");

        var plan = Lab.Plan(2, path);

        Assert.Equal(["Bridge/web0 update", "Cgroup/web update"], plan.Actions());
        Assert.Equal(["addresses[10.99.0.1/24]", "mtu"], plan.Change("Bridge/web0").FieldPaths());
        Assert.Equal("drift", plan.Change("Cgroup/web").Field("memory.max").GetProperty("cause").GetString());
        var drift = Lab.Drift(2, path);
        Assert.Equal("provision/drift/v1", drift.GetProperty("schemaVersion").GetString());
    }

    [RootFact]
    public void Apply_AfterForeignChanges_RepairsThem()
    {
        var path = Applied();
        Web.MemoryMax = 64 << 20;
        Web.PidsMax = 5;
        Lab.Netns.Ip("link set web0 mtu 1450 down");
        Lab.Netns.Ip("address flush dev web0");
        Lab.Netns.Ip("address add 10.99.0.1/24 dev web0");

        Lab.Apply(path);

        Assert.Equal(128L << 20, Web.MemoryMax);
        Assert.Null(Web.PidsMax);
        Assert.Equal(1400, Lab.Netns.Link("web0")!.Value.GetProperty("mtu").GetInt32());
        Assert.Equal(["10.88.0.1/24", "fd00:88::1/64"], Lab.Netns.Addresses("web0"));
        Lab.Plan(0, path);
    }

    [RootFact]
    public void Apply_AfterDeletionsByHand_MakesThemAnew()
    {
        var path = Applied();
        Lab.Netns.Ip("link delete web0");
        foreach (var directory in Lab.Instance.CgroupDirectories().Where(static d => d.EndsWith("/web.cg", StringComparison.Ordinal)))
            Directory.Delete(directory);

        Assert.Equal(["Bridge/web0 create", "Cgroup/web create"], Lab.Plan(2, path).Actions());
        Lab.Apply(path);

        Assert.Equal(128L << 20, Web.MemoryMax);
        Assert.NotNull(Lab.Netns.Link("web0"));
        Lab.Plan(0, path);
    }

    [RootFact]
    public void Drift_ManifestThatMoved_IsNoDrift()
    {
        var path = Applied();
        Lab.Write("shop.yaml", Manifests.Shop.Replace("128Mi", "96Mi"));

        Lab.Drift(0, path);
        Lab.Plan(2, path);
    }

    [RootFact]
    public void Plan_ManifestAndKernelMoved_TellsThemApart()
    {
        var path = Applied();
        Lab.Write("shop.yaml", Manifests.Shop.Replace("128Mi", "96Mi"));
        Lab.Netns.Ip("link set web0 mtu 1450");

        var plan = Lab.Plan(2, path);

        Assert.Equal("pending", plan.Change("Cgroup/web").Field("memory.max").GetProperty("cause").GetString());
        Assert.Equal("drift", plan.Change("Bridge/web0").Field("mtu").GetProperty("cause").GetString());
    }
}
