namespace Provision.EndToEnd;

/// <summary>What a service manager's reload does to cgroups that it takes for its own: limits and device programs reset.</summary>
[Trait("Needs", "cgroup-v2")]
public sealed class ForeignResetTests : LabTest
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private const string Manifest =
        """
        apiVersion: provision/v1
        kind: Cgroup
        metadata: {name: web}
        spec:
          memory: {max: 64Mi, swapMax: 0}
          devices: {default: deny, allow: [{path: /dev/null}]}

        """;

    private string Web => Lab.Instance.Unified("web.cg");

    private string SwapMax => File.ReadAllText(Path.Combine(Web, "memory.swap.max")).Trim();

    private bool OnlyOursIsAttached => BpfWitness.Programs(Web).Select(static p => p.Name).SequenceEqual(["provision_dev"]);

    [RootFact]
    public void Drift_AfterAReset_NamesTheFieldsAndApplyRepairsThem()
    {
        var path = Lab.Write("web.yaml", Manifest);
        Lab.Apply(path);
        Reset();

        var drifted = Lab.Drift(2, path).GetProperty("rows").EnumerateArray().Select(static f => f.GetProperty("path").GetString()!);
        Assert.Equal(["devices.allow[c 1:3]", "devices.default", "memory.swapMax"], drifted.Order(StringComparer.Ordinal));
        Lab.Apply(path);

        Assert.Equal("0", SwapMax);
        Assert.True(OnlyOursIsAttached);
        Lab.Plan(0, path);
    }

    [RootFact]
    public void Agent_Reset_IsRepaired()
    {
        Lab.Write("set/web.yaml", Manifest);
        // Nobody tells of a program that is attached: the look at everything, every few seconds here, finds it.
        using var agent = Lab.Start("agent", "-f", Path.Combine(Lab.Directory.Path, "set"), "--resync", "2");
        Eventually("the agent applies at its start", () => Directory.Exists(Web) && File.Exists(Path.Combine(Web, "memory.swap.max")) && SwapMax == "0" && OnlyOursIsAttached);

        Reset();
        Eventually("both are repaired", () => SwapMax == "0" && OnlyOursIsAttached);
        BpfWitness.Attach(Web, BpfWitness.AllowMulti);
        Eventually("a program alone is found too", () => OnlyOursIsAttached);
        File.WriteAllText(Lab.Instance.Unified("cgroup.subtree_control"), "-memory");
        Eventually("a controller taken away comes back with its limits", () => File.Exists(Path.Combine(Web, "memory.swap.max")) && SwapMax == "0");
        Assert.False(agent.HasExited);
    }

    private void Reset()
    {
        File.WriteAllText(Path.Combine(Web, "memory.swap.max"), "max");
        BpfWitness.Attach(Web, BpfWitness.AllowMulti);
    }

    private static void Eventually(string what, Func<bool> holds) =>
        Assert.True(SpinWait.SpinUntil(() => { Thread.Sleep(50); return holds(); }, Patience), what);
}
