namespace Provision.EndToEnd;

/// <summary>Disks that are full, controllers that are not there, limits under their use.</summary>
public sealed class HostFaultTests : LabTest
{
    [RootFact]
    public void Apply_RecordOnAFullDisk_IsDoneWithAWarning()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);
        const string Script = "mount -t tmpfs -o size=4k tmpfs /var/lib/provision && { head -c 4096 /dev/zero >/var/lib/provision/filler || true; } && exec \"$@\"";
        Directory.CreateDirectory("/var/lib/provision");

        var result = Lab.RunUnder("unshare", ["--mount", "sh", "-c", Script, "sh"], "apply", "-f", path, "--auto-approve");

        result.Exited(0);
        Assert.Contains("ENOSPC", result.Err, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Lab.Instance.StateDirectory));
        Lab.Plan(0, path);
        Lab.Run("destroy", "--auto-approve").Exited(0);
        Lab.AssertNothingLeft();
    }

    [RootFact]
    public void Apply_RunDirectoryThatCannotBeWritten_SaysSoBeforeAnyChange()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);
        Directory.CreateDirectory("/run/provision");

        var result = Lab.RunUnder("unshare", ["--mount", "sh", "-c", "mount -t tmpfs -o ro tmpfs /run/provision && exec \"$@\"", "sh"],
            "apply", "-f", path, "--auto-approve");

        result.Exited(1);
        Assert.Contains("/run/provision", result.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Err, StringComparison.Ordinal);
        Lab.AssertNothingLeft();
    }

    [RootTheory]
    [InlineData("memory: {high: 64Mi}", "memory.high")]
    [InlineData("memory: {min: 64Mi}", "memory.min")]
    [InlineData("memory: {low: 64Mi}", "memory.low")]
    [InlineData("cpuset: {cpus: 0-4095}", "cpuset.cpus")]
    [InlineData("io: {max: [{device: /dev/nowhere, readBps: 50M}]}", "/dev/nowhere")]
    public void Apply_WhatThisHostCannotExpress_IsRefusedWithThePlace(string field, string named)
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop + $"---\napiVersion: provision/v1\nkind: Cgroup\nmetadata: {{name: extra}}\nspec:\n  {field}\n");
        if (Hierarchies.V1("memory") is null)
            return; // What is missing here is there on v2; the pure tests show both.

        foreach (var command in (string[][])[["plan", "-f", path], ["apply", "-f", path, "--auto-approve"]])
        {
            var result = Lab.Run(command);

            Assert.True(result.ExitCode is 1 or 3 or 6, result.ToString());
            Assert.Contains(named, result.Err, StringComparison.Ordinal);
            Assert.Matches(@"shop\.yaml:\d+", result.Err);
        }

        Lab.AssertNothingLeft();
    }

    [RootFact]
    public void Apply_ControllerThatIsNotMounted_IsNamedBeforeAnyChange()
    {
        if (Hierarchies.V1("pids") is not { } pids)
            return; // v2 has one mount for all.
        var path = Lab.Write("shop.yaml", Manifests.Shop);

        var result = Lab.RunUnder("unshare", ["--mount", "sh", "-c", $"umount {pids} && exec \"$@\"", "sh"], "apply", "-f", path, "--auto-approve");

        Assert.True(result.ExitCode is 1 or 6, result.ToString());
        Assert.Contains("pids", result.Err, StringComparison.Ordinal);
        Assert.Matches(@"shop\.yaml:\d+", result.Err);
        Lab.AssertNothingLeft();
    }

    [RootFact]
    public void Apply_LimitUnderItsUse_IsRefusedWithNumbersAndForcedOnlyWhenAsked()
    {
        const string Text = "apiVersion: provision/v1\nkind: Cgroup\nmetadata: {name: web}\nspec: {memory: {max: 256Mi}}\n";
        var path = Lab.Write("web.yaml", Text);
        Lab.Apply(path);
        var web = new LiveCgroup(Lab, "web.cg");
        // Attached while it waits, so that what it takes is charged here.
        using var hog = new RunningCommand(new("python3", ["-u", "-c", "input(); b = b'x' * (96 << 20); print('holding'); import time; time.sleep(600)"]));
        web.Attach("memory", hog.Pid);
        hog.Write("go\n");
        SpinWait.SpinUntil(() => Use() > 90 << 20, TimeSpan.FromSeconds(20));
        Assert.True(Use() > 90 << 20);
        Lab.Write("web.yaml", Text.Replace("256Mi", "32Mi"));

        var refused = Lab.Run("apply", "-f", path, "--auto-approve");

        refused.Exited(1);
        Assert.Contains("32Mi", refused.Err, StringComparison.Ordinal);
        Assert.Matches(@" \d{2,3}\.\dMi now in use", refused.Err);
        Assert.Contains("--force", refused.Err, StringComparison.Ordinal);
        Assert.Equal(256L << 20, web.MemoryMax);

        var forced = Lab.Run("apply", "-f", path, "--auto-approve", "--force");

        if (Hierarchies.V1("memory") is null)
            return; // v2 takes it and kills.
        // v1 cannot reclaim what is in use and says EBUSY, unless there is swap to move it to.
        if (forced.ExitCode != 0)
        {
            forced.Exited(5);
            Assert.Contains("EBUSY", forced.Err, StringComparison.Ordinal);
            Assert.Equal(256L << 20, web.MemoryMax);
        }
        else
            Assert.Equal(32L << 20, web.MemoryMax);
        Assert.False(hog.HasExited);

        long Use() => web.MemoryUse;
    }

    [RootTheory]
    [InlineData("plan")]
    [InlineData("drift")]
    [InlineData("status")]
    [InlineData("get")]
    [InlineData("export")]
    public void Reading_WithoutRoot_WorksOrSaysWhy(string command)
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);
        Lab.Apply(path);
        var before = Picture.Of(Lab);
        var copy = Path.Combine(Lab.Directory.Path, "provision");
        File.Copy(Binary.Path, copy);
        string[] files = command == "export" ? [] : ["-f", path];

        var result = Command.Run(Lab.Netns.Exec("setpriv",
            ["--reuid", "65534", "--regid", "65534", "--clear-groups", copy, command, .. files, "--instance", Lab.Instance.Name]));

        Assert.Contains("root", result.Err, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", result.Err, StringComparison.Ordinal);
        Assert.Equal(before, Picture.Of(Lab));
    }
}
