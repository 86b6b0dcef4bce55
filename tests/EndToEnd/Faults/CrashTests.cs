namespace Provision.EndToEnd;

/// <summary>SIGKILL at every system call that changes something: the next run converges and nothing is left.</summary>
public sealed class CrashTests : LabTest
{
    private const string Shop = Manifests.Shop;

    // In place in every kind, one more of something and one less, and a cgroup that moves, which is a replace.
    private static readonly string Moved = Shop
        .Replace("128Mi", "96Mi").Replace("pids: {max: 64}", "cpu: {weight: 300}")
        .Replace("parent: shop", "parent: depot")
        .Replace("fd00:88::1/64", "fd00:88::2/64").Replace("mtu: 1400", "mtu: 1300\n  stp: {enabled: true}")
        + "---\napiVersion: provision/v1\nkind: Cgroup\nmetadata: {name: depot}\n";

    [RootFact]
    public void Create_KilledAtEveryCall_ConvergesOrIsRemoved()
    {
        var path = Lab.Write("shop.yaml", Shop);
        string[] apply = ["apply", "-f", path, "--auto-approve"];
        var sites = Injection.Changes(Lab, apply);
        Lab.Run("destroy", "--auto-approve").Exited(0);
        var clean = Leaks.Of(Lab);
        Assert.True(sites.Count > 20, $"{sites.Count} calls");

        for (var i = 0; i < sites.Count; i++)
        {
            Kill(sites[i], apply);
            // Odd ones are finished, even ones removed: a creation cut short is ours in both.
            if (i % 2 == 1)
            {
                Lab.Run(apply).Exited(0);
                Lab.Plan(0, path);
            }

            Lab.Run("destroy", "--auto-approve").Exited(0);
            Leaks.AssertOnly(Lab, clean, $"{sites[i]}");
        }
    }

    [RootFact]
    public void Update_KilledAtEveryCall_Converges()
    {
        var path = Lab.Write("shop.yaml", Shop);
        var moved = Lab.Write("moved.yaml", Moved);
        string[] back = ["apply", "-f", path, "--auto-approve", "--prune"];
        string[] apply = ["apply", "-f", moved, "--auto-approve"];
        Lab.Apply(path);
        // Once there and back: a controller that this enables on cgroup v2 stays enabled.
        Lab.Run(apply).Exited(0);
        var whole = Leaks.Of(Lab);
        Lab.Run(back).Exited(0);
        var sites = Injection.Changes(Lab, apply);
        Assert.True(sites.Count > 20, $"{sites.Count} calls");

        foreach (var site in sites)
        {
            Lab.Run(back).Exited(0);
            Kill(site, apply);
            Lab.Run(apply).Exited(0);
            Lab.Plan(0, moved);
            Leaks.AssertOnly(Lab, whole, $"{site}");
        }

        Assert.Equal(96L << 20, new LiveCgroup(Lab, "depot.cg/web.cg").MemoryMax);
        Assert.False(new LiveCgroup(Lab, "shop.cg/web.cg").Exists);
        Lab.Run("destroy", "--auto-approve").Exited(0);
        Lab.AssertNothingLeft();
    }

    [RootFact]
    public void Destroy_KilledAtEveryCall_IsFinishedByTheNext()
    {
        var path = Lab.Write("shop.yaml", Shop);
        string[] destroy = ["destroy", "--auto-approve"];
        Lab.Apply(path);
        var sites = Injection.Changes(Lab, destroy);
        var clean = Leaks.Of(Lab);
        Assert.True(sites.Count > 4, $"{sites.Count} calls");

        for (var i = 0; i < sites.Count; i++)
        {
            Lab.Apply(path);
            Kill(sites[i], destroy);
            if (i % 3 == 0)
            {
                Lab.Apply(path);
                Lab.Plan(0, path);
            }

            Lab.Run(destroy).Exited(0);
            Leaks.AssertOnly(Lab, clean, $"{sites[i]}");
        }
    }

    private void Kill(CallSite at, string[] arguments)
    {
        var result = Lab.RunWithFault(at, "signal=KILL", arguments);
        Assert.True(result.ExitCode == 137, $"not killed at {at}\n{result}");
    }
}
