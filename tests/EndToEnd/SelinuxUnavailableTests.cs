namespace Provision.EndToEnd;

/// <summary>A SelinuxPolicy on whatever host: as the kernel has SELinux on or not, which selinuxfs shows.</summary>
public sealed class SelinuxUnavailableTests : LabTest
{
    private static readonly bool On = File.Exists("/sys/fs/selinux/enforce");

    [RootFact]
    public void Apply_WhereSelinuxIsOff_EndsBeforeTheFirstWrite()
    {
        var path = Lab.Write("host.yaml",
            $"apiVersion: provision/v1\nkind: SelinuxPolicy\nmetadata: {{name: host}}\nspec: {{mode: {(On && File.ReadAllText("/sys/fs/selinux/enforce") == "0" ? "permissive" : "enforcing")}}}\n" +
            "---\napiVersion: provision/v1\nkind: Cgroup\nmetadata: {name: web}\nspec: {}\n");

        var plan = Lab.Run("plan", "-f", path).Exited(On ? 2 : 6);
        var applied = Lab.Run("apply", "-f", path, "--auto-approve").Exited(On ? 0 : 6);
        var status = Lab.Run("status", "-f", path, "-o", "json").Succeeded().Out;

        Assert.Equal(!On, plan.Err.Contains("PV5301", StringComparison.Ordinal));
        Assert.Equal(!On, applied.Err.Contains("SELinux is not on", StringComparison.Ordinal));
        Assert.Equal(!On, status.Contains("FeatureMissing", StringComparison.Ordinal));
        Assert.Equal(On, Lab.Instance.CgroupDirectories().Count > 0);
    }
}
