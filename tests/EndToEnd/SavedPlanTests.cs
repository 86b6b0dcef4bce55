namespace Provision.EndToEnd;

public sealed class SavedPlanTests : LabTest
{
    private string Saved => Path.Combine(Lab.Directory.Path, "saved.plan");

    private string Plan()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);
        Lab.Run("plan", "-f", path, "--out", Saved).Exited(2);
        return path;
    }

    [RootFact]
    public void Apply_OfASavedPlan_DoesItWithoutAsking()
    {
        var path = Plan();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Saved));
        Lab.Run("apply", Saved).Exited(0);

        Lab.Plan(0, path);
    }

    [RootFact]
    public void Apply_OfASavedPlan_TakesTheManifestsOfThen()
    {
        var path = Plan();
        Lab.Write("shop.yaml", Manifests.Shop.Replace("1400", "1300"));

        Lab.Run("apply", Saved).Exited(0);

        Assert.Equal(1400, Lab.Netns.Link("web0")!.Value.GetProperty("mtu").GetInt32());
        Assert.Equal(["Bridge/web0 update"], Lab.Plan(2, path).Actions());
    }

    [RootFact]
    public void Apply_OfAStalePlan_IsRefusedAndChangesNothing()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);
        Lab.Apply(path);
        Lab.Write("shop.yaml", Manifests.Shop.Replace("1400", "1300"));
        Lab.Run("plan", "-f", path, "--out", Saved).Exited(2);
        Lab.Netns.Ip("link set web0 mtu 1450");

        var result = Lab.Run("apply", Saved);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("web0", result.Err, StringComparison.Ordinal);
        Assert.Equal(1450, Lab.Netns.Link("web0")!.Value.GetProperty("mtu").GetInt32());
    }

    [RootFact]
    public void Apply_OfAJsonReport_IsRefused()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);
        var report = Lab.Write("report.json", Lab.Run("plan", "-f", path, "-o", "json").Exited(2).Out);

        Assert.NotEqual(0, Lab.Run("apply", report).ExitCode);
        Lab.AssertNothingLeft();
    }

    [RootFact]
    public void Plan_OutToAFullDisk_SaysSo()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);
        var full = Path.Combine(Lab.Directory.Path, "full");
        Directory.CreateDirectory(full);

        // A file system of one page in a mount namespace of its own, filled before the program starts.
        var script = $"mount -t tmpfs -o size=4k tmpfs {full} && head -c 4096 /dev/zero >{full}/filler && exec \"$@\"";
        var result = Lab.RunUnder("unshare", ["--mount", "sh", "-c", script, "sh"], "plan", "-f", path, "--out", Path.Combine(full, "plan"));

        result.Exited(1);
        Assert.Contains("ENOSPC", result.Err, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(full, "plan"), result.Err, StringComparison.Ordinal);
    }
}
