namespace Provision.EndToEnd;

public sealed class DestroyTests : LabTest
{
    private static readonly string Moved = Manifests.Cgroups.Replace("name: shop", "name: depot").Replace("parent: shop", "parent: depot").Replace("name: web", "name: api");

    [RootFact]
    public void Destroy_AfterApply_RemovesEverything()
    {
        Lab.Apply(Lab.Write("shop.yaml", Manifests.Shop));

        Lab.Run("destroy", "--auto-approve").Exited(0);

        Lab.AssertNothingLeft();
        Lab.Run("destroy", "--auto-approve").Exited(0);
    }

    [RootFact]
    public void Plan_EveryDirectoryOfProvisionDeleted_IsStillRight()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);
        Lab.Apply(path);
        foreach (var directory in (string[])[Lab.Instance.RunDirectory, Lab.Instance.StateDirectory])
            if (Directory.Exists(directory))
                Directory.Delete(directory, recursive: true);

        Lab.Plan(0, path);
        Lab.Run("destroy", "--auto-approve").Exited(0);

        Lab.AssertNothingLeft();
    }

    [RootFact]
    public void Apply_ResourceDropped_IsListedAndKeptUntilPruned()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);
        Lab.Apply(path);
        Lab.Write("shop.yaml", Manifests.Cgroups);

        Assert.Contains("Bridge/web0", Lab.Plan(0, path).GetProperty("orphans").ToString(), StringComparison.Ordinal);
        Lab.Apply(path);
        Assert.NotNull(Lab.Netns.Link("web0"));

        Assert.Equal(["Bridge/web0 delete"], Lab.Plan(2, path, "--prune").Actions());
        Lab.Apply(path, "--prune");
        Assert.Null(Lab.Netns.Link("web0"));
        Assert.True(new LiveCgroup(Lab, "shop.cg/web.cg").Exists);
    }

    [RootFact]
    public void Prune_OfEverything_IsRefusedUnlessAskedFor()
    {
        Lab.Apply(Lab.Write("shop.yaml", Manifests.Cgroups));
        var other = Lab.Write("other.yaml", Manifests.Bridge);

        Assert.NotEqual(0, Lab.Run("apply", "-f", other, "--auto-approve", "--prune").ExitCode);
        Assert.True(new LiveCgroup(Lab, "shop.cg").Exists);

        Lab.Apply(other, "--prune", "--prune-all");
        Assert.Empty(Lab.Instance.CgroupDirectories());
    }

    [RootFact]
    public void Destroy_OfOneStack_LeavesTheOther()
    {
        Lab.Apply(Lab.Write("shop.yaml", Manifests.Shop), "--stack", "shop");
        var depot = Lab.Write("depot.yaml", Moved);
        Lab.Apply(depot, "--stack", "depot", "--prune");

        Lab.Run("destroy", "--stack", "shop", "--auto-approve").Exited(0);

        Assert.False(new LiveCgroup(Lab, "shop.cg").Exists);
        Assert.Null(Lab.Netns.Link("web0"));
        Lab.Plan(0, depot, "--stack", "depot");

        Lab.Run("destroy", "--all", "--auto-approve").Exited(0);
        Lab.AssertNothingLeft();
    }

    [RootFact]
    public void Destroy_CgroupWithAProcess_IsRefusedAndNothingChanges()
    {
        var path = Lab.Write("shop.yaml", Manifests.Cgroups);
        Lab.Apply(path);
        using var sleeper = new RunningCommand(new("sleep", "1000"));
        new LiveCgroup(Lab, "shop.cg/web.cg").Attach("memory", sleeper.Pid);

        var result = Lab.Run("destroy", "--auto-approve");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("web", result.Err, StringComparison.Ordinal);
        Assert.False(sleeper.HasExited);
        Lab.Plan(0, path);
    }
}
