namespace Provision.EndToEnd;

public sealed class ApplyTests : LabTest
{
    private LiveCgroup Shop => new(Lab, "shop.cg");

    private LiveCgroup Web => new(Lab, "shop.cg/web.cg");

    [RootFact]
    public void Plan_BeforeTheFirstApply_ListsCreationsAndChangesNothing()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);

        var plan = Lab.Plan(2, path);

        Assert.Equal("provision/plan/v1", plan.GetProperty("schemaVersion").GetString());
        Assert.Equal(["Bridge/web0 create", "Cgroup/shop create", "Cgroup/web create"], plan.Actions());
        Assert.Equal(3, plan.Summary("create"));
        Assert.Equal(path, plan.Change("Cgroup/web").GetProperty("source").GetProperty("file").GetString());
        Assert.True(plan.Change("Cgroup/web").GetProperty("operations").GetArrayLength() > 0);
        Lab.AssertNothingLeft();
    }

    [RootFact]
    public void Apply_FirstTime_MakesWhatIsDeclared()
    {
        Lab.Apply(Lab.Write("shop.yaml", Manifests.Shop));

        Assert.Equal((256L << 20, 64L), (Shop.MemoryMax, Shop.PidsMax));
        Assert.Equal(128L << 20, Web.MemoryMax);
        Assert.Null(Web.PidsMax);
        var link = Lab.Netns.Link("web0")!.Value;
        Assert.Equal(1400, link.GetProperty("mtu").GetInt32());
        Assert.Equal("02:00:00:88:00:01", link.GetProperty("address").GetString());
        Assert.Contains("UP", link.GetProperty("flags").EnumerateArray().Select(static f => f.GetString()));
        Assert.Equal(["10.88.0.1/24", "fd00:88::1/64"], Lab.Netns.Addresses("web0"));
    }

    [RootFact]
    public void Plan_AfterApply_IsEmpty()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);
        Lab.Apply(path);

        var plan = Lab.Plan(0, path);

        Assert.Empty(plan.Actions());
        Assert.Equal(3, plan.Summary("unchanged"));
        Lab.Drift(0, path);
    }

    [RootFact]
    public void Apply_SecondTime_IssuesNoMutatingSystemCall()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);
        Lab.Apply(path);

        var mutations = Strace.Mutations(Lab.Directory, Lab.Netns.Exec, Binary.Path, "apply", "-f", path, "--auto-approve", "--instance", Lab.Instance.Name);

        // The instance's lock is the one file that a writer opens whatever it finds to do.
        Assert.DoesNotContain(mutations, c => !c.Arguments.Contains("/run/provision", StringComparison.Ordinal) && !c.Arguments.Contains("lock", StringComparison.Ordinal));
    }

    [RootFact]
    public void Plan_EveryTime_IssuesNoMutatingSystemCall()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);
        Lab.Apply(path);

        foreach (var command in (string[])["plan", "drift", "status", "get"])
            Assert.Empty(Strace.Mutations(Lab.Directory, Lab.Netns.Exec, Binary.Path, command, "-f", path, "--instance", Lab.Instance.Name));
        Assert.Empty(Strace.Mutations(Lab.Directory, Lab.Netns.Exec, Binary.Path, "validate", "--host", "-f", path, "--instance", Lab.Instance.Name));
    }

    [RootFact]
    public void Apply_ManifestThatMoved_ChangesThatFieldInPlace()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);
        Lab.Apply(path);
        var index = Lab.Netns.Link("web0")!.Value.GetProperty("ifindex").GetInt32();
        Lab.Write("shop.yaml", Manifests.Shop.Replace("mtu: 1400", "mtu: 1300").Replace("128Mi", "96Mi"));

        var plan = Lab.Plan(2, path);

        Assert.Equal(["Bridge/web0 update", "Cgroup/web update"], plan.Actions());
        Assert.Equal(["mtu"], plan.Change("Bridge/web0").FieldPaths());
        var field = plan.Change("Cgroup/web").Field("memory.max");
        Assert.Equal("pending", field.GetProperty("cause").GetString());
        Assert.True(field.GetProperty("inPlace").GetBoolean());

        Lab.Apply(path);
        Assert.Equal(96L << 20, Web.MemoryMax);
        Assert.Equal((1300, index), (Lab.Netns.Link("web0")!.Value.GetProperty("mtu").GetInt32(), Lab.Netns.Link("web0")!.Value.GetProperty("ifindex").GetInt32()));
        Lab.Plan(0, path);
    }
}
