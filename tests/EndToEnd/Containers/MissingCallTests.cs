namespace Provision.EndToEnd.Containers;

/// <summary>Kernels that lack system calls: what needs none of them works, the rest is told before anything is touched.</summary>
public sealed class MissingCallTests : ContainerLab
{
    private static readonly (string Call, string Since)[] Needed =
    [
        ("clone3", "5.3"), ("openat2", "5.6"), ("open_tree", "5.2"), ("move_mount", "5.2"), ("fsopen", "5.2"), ("fsconfig", "5.2"), ("fsmount", "5.2"),
        ("mount_setattr", "5.12"), ("pidfd_open", "5.3"), ("pidfd_send_signal", "5.1"), ("pidfd_getfd", "5.6"), ("close_range", "5.9"),
    ];

    [RootFact]
    public void Apply_WithoutACallThatContainersNeed_Is6WithTheCallAndItsLinuxBeforeAnythingIsTouched()
    {
        var path = Lab.Write("web.yaml", ContainerManifests.Web);

        foreach (var (call, since) in Needed)
        {
            var told = WithoutCalls.Run(Lab, [call], "apply", "-f", path, "--auto-approve").Exited(6).Err;
            Assert.Contains($"Linux must have {call} (since {since})", told, StringComparison.Ordinal);
            Assert.Contains("web.yaml:13:18: error PV5036", told, StringComparison.Ordinal);
        }

        Lab.AssertNothingLeft();
    }

    [RootFact]
    public void Readers_WithoutEveryCallThatContainersNeed_TellThemAll()
    {
        var path = Lab.Write("web.yaml", ContainerManifests.Web);

        foreach (var command in (string[][])[["plan"], ["validate", "--host"], ["drift"]])
        {
            var told = WithoutCalls.Run(Lab, [.. Needed.Select(static n => n.Call)], [.. command, "-f", path]).Exited(6).Err;
            Assert.All(Needed, n => Assert.Contains($"{n.Call} (since {n.Since})", told, StringComparison.Ordinal));
        }
    }

    [RootFact]
    public void Apply_OfCgroupsAndBridges_NeedsNoneOfThem()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);

        foreach (var (arguments, exitCode) in ((string[], int)[])
            [(["plan", "-f", path], 2), (["apply", "-f", path, "--auto-approve"], 0), (["plan", "-f", path], 0), (["drift", "-f", path], 0), (["status", "-f", path], 0)])
            WithoutCalls.Run(Lab, [.. WithoutCalls.Numbers.Keys], arguments).Exited(exitCode);

        Lab.Plan(0, path);
        Assert.Contains("mtu 1400", Lab.Netns.Ip("link show web0"), StringComparison.Ordinal);
        WithoutCalls.Run(Lab, [.. WithoutCalls.Numbers.Keys], "destroy", "--auto-approve").Exited(0);
        Lab.AssertNothingLeft();
    }

    /// <summary>Calls that Provision does without where they are missing: for the supervisor and what runs under it too.</summary>
    [RootFact]
    public void Apply_WithoutCallsThatAreNotNeeded_RunsAndIsKept()
    {
        string[] without = ["landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "fspick"];
        var path = Lab.Write("web.yaml", ContainerManifests.Shell("echo first; sleep 1000000"));

        WithoutCalls.Run(Lab, without, "apply", "-f", path, "--auto-approve").Exited(0);

        WithoutCalls.Run(Lab, without, "plan", "-f", path).Exited(0);
        var pid = Pid(path)!.Value;
        // The supervisor is the one without the calls.
        Assert.Equal("inside\n", Lab.Netns.Run(Binary.Path, ["exec", "web-1", "--instance", Lab.Instance.Name, "--", "/bin/busybox", "echo", "inside"]).Succeeded().Out);
        Assert.Equal("first\n", WithoutCalls.Run(Lab, without, "logs", "web-1").Succeeded().Out);
        WithoutCalls.Run(Lab, without, "restart", "web-1").Exited(0);
        Assert.NotEqual(pid, Pid(path)!.Value);
        Lab.Plan(0, path);
    }
}
