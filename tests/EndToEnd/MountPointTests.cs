namespace Provision.EndToEnd;

/// <summary>cgroup v2 is where /proc/self/mountinfo says, not where hosts usually have it.</summary>
public sealed class MountPointTests : LabTest
{
    private const string NoController =
        """
        apiVersion: provision/v1
        kind: Cgroup
        metadata: {name: web}
        spec:
          devices: {default: deny, allow: [{path: /dev/null}]}

        """;

    private const string Limited =
        """
        apiVersion: provision/v1
        kind: Cgroup
        metadata: {name: web}
        spec:
          memory: {max: 64Mi}

        """;

    private string Mount => Path.Combine(Lab.Directory.Path, "cg");

    [RootTheory]
    [InlineData("mount -t cgroup2 none $0 && umount -l /sys/fs/cgroup")]
    [InlineData("mount -t tmpfs none /sys/fs/cgroup && mkdir /sys/fs/cgroup/here && mount -t cgroup2 none /sys/fs/cgroup/here")]
    public void Apply_Cgroup2MountedElsewhere_IsFound(string mounts)
    {
        var path = Lab.Write("web.yaml", NoController);
        Directory.CreateDirectory(Mount);
        CommandResult Inside(params string[] arguments) =>
            Lab.RunUnder("unshare", ["--mount", "sh", "-c", $"{mounts} && exec \"$@\"", Mount], arguments);

        Inside("apply", "-f", path, "--auto-approve").Exited(0);
        Assert.Equal("provision_dev", Assert.Single(BpfWitness.Programs(Lab.Instance.Unified("web.cg"))).Name);
        Inside("plan", "-f", path).Exited(0);
        Inside("destroy", "--auto-approve").Exited(0);
        Lab.AssertNothingLeft();
    }

    [RootFact]
    public void Apply_InACgroupNamespace_StaysBelowItsRoot()
    {
        var path = Lab.Write("web.yaml", NoController);
        Directory.CreateDirectory(Mount);
        var web = Lab.Instance.Unified($"{Lab.Instance.CgroupRoot}/web.cg");

        InANamespace("apply", "-f", path, "--auto-approve").Exited(0);
        Assert.Equal("provision_dev", Assert.Single(BpfWitness.Programs(web)).Name);
        InANamespace("plan", "-f", path).Exited(0);
        InANamespace("destroy", "--auto-approve").Exited(0);
        Assert.False(Directory.Exists(web));
    }

    [RootFact]
    [Trait("Needs", "cgroup-v2")]
    public void Apply_ProcessesInTheNamespacesRoot_AreToldOfBeforeAnyWrite()
    {
        var path = Lab.Write("web.yaml", Limited);
        Directory.CreateDirectory(Mount);

        var result = InANamespace("apply", "-f", path, "--auto-approve");

        result.Exited(1);
        Assert.Matches(@"web\.yaml:\d+", result.Err);
        Assert.Contains("PV2034", result.Err, StringComparison.Ordinal);
        Assert.Contains("cannot pass on memory", result.Err, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(Lab.Instance.Unified()));
    }

    [RootFact]
    [Trait("Needs", "cgroup-v2")]
    public void Apply_LimitOfTheNamespacesRoot_IsRefusedWithTheReason()
    {
        Lab.Apply(Lab.Write("web.yaml", Limited));
        var theirs = Lab.Instance.Unified("theirs");
        Directory.CreateDirectory(theirs);
        var adopt = Lab.Write("theirs.yaml", Limited.Replace("name: web", "name: theirs, managementPolicy: Merge").Replace("64Mi", "512Mi"));

        var result = Lab.RunUnder("sh", ["-c", $"echo $$ >{theirs}/cgroup.procs && exec unshare --cgroup \"$@\"", "sh"],
            "apply", "-f", adopt, "--auto-approve");

        // Only a hierarchy that is mounted so takes the namespace for a delegation.
        var delegates = File.ReadAllText("/proc/self/mountinfo").Contains("nsdelegate", StringComparison.Ordinal);
        result.Exited(delegates ? 5 : 0);
        if (delegates)
            Assert.Matches(@"theirs/memory\.max 536870912: EPERM .*nsdelegate", result.Err);
    }

    // The instance's own directory, seen from outside, is the namespace's root; only it is mounted.
    private CommandResult InANamespace(params string[] arguments)
    {
        Directory.CreateDirectory(Lab.Instance.Unified());
        var inside = $"mount -t cgroup2 none {Mount} && umount -l /sys/fs/cgroup && exec \"$@\"";
        return Lab.RunUnder("sh",
            ["-c", $"echo $$ >{Lab.Instance.Unified("cgroup.procs")} && exec unshare --cgroup --mount sh -c '{inside}' sh \"$@\"", "sh"], arguments);
    }
}
