namespace Provision.EndToEnd;

/// <summary>Somebody else changes the same objects between Provision's look and its change, or during it.</summary>
public sealed class RaceTests : LabTest
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly string Changed = Manifests.Shop.Replace("128Mi", "96Mi").Replace("mtu: 1400", "mtu: 1300");

    [RootFact]
    public void Apply_LinkVanishesAfterTheLook_UnwindsAndTheNextConverges()
    {
        var path = Applied();
        var changed = Lab.Write("changed.yaml", Changed);

        // The first change of this apply, of a cgroup, is held for two seconds: long enough to take the link away.
        var result = Meanwhile("write", 2, () => Lab.Netns.Ip("link delete web0"), "apply", "-f", changed, "--auto-approve");

        result.Exited(5);
        Assert.Contains("web0", result.Err, StringComparison.Ordinal);
        Assert.Contains("ENODEV", result.Err, StringComparison.Ordinal);
        Assert.Equal(128L << 20, new LiveCgroup(Lab, "shop.cg/web.cg").MemoryMax);
        Lab.Run("apply", "-f", changed, "--auto-approve").Exited(0);
        Assert.Equal(1300, Lab.Netns.Link("web0")!.Value.GetProperty("mtu").GetInt32());
        Lab.Plan(0, changed);
        Lab.Apply(path);
    }

    [RootFact]
    public void Apply_CgroupVanishesAfterTheLook_UnwindsAndTheNextConverges()
    {
        Applied();
        var changed = Lab.Write("changed.yaml", Changed);

        var result = Meanwhile("write", 2, () =>
        {
            foreach (var directory in Lab.Instance.CgroupDirectories().Where(static d => d.EndsWith("/web.cg", StringComparison.Ordinal)))
                Directory.Delete(directory);
        }, "apply", "-f", changed, "--auto-approve");

        Assert.True(result.ExitCode is 4 or 5, result.ToString());
        Assert.Contains("web.cg", result.Err, StringComparison.Ordinal);
        Lab.Run("apply", "-f", changed, "--auto-approve").Exited(0);
        Assert.Equal(96L << 20, new LiveCgroup(Lab, "shop.cg/web.cg").MemoryMax);
        Lab.Plan(0, changed);
    }

    [RootFact]
    public void Apply_ForeignWriteMeanwhile_IsFoundByTheSecondLookAndTakenBack()
    {
        Applied();
        var changed = Lab.Write("changed.yaml", Changed);
        var web = new LiveCgroup(Lab, "shop.cg/web.cg");

        // Of the same cgroup another limit, which this apply has no reason to write.
        var result = Meanwhile("write", 2, () => web.PidsMax = 5, "apply", "-f", changed, "--auto-approve");

        result.Exited(5);
        Assert.Contains("pids.max", result.Err, StringComparison.Ordinal);
        Assert.Contains("Cgroup/web", result.Err, StringComparison.Ordinal);
        Assert.Equal((128L << 20, 1400), (web.MemoryMax, Lab.Netns.Link("web0")!.Value.GetProperty("mtu").GetInt32()));
        Lab.Run("apply", "-f", changed, "--auto-approve").Exited(0);
        Assert.Equal((96L << 20, null), (web.MemoryMax, web.PidsMax));
        Lab.Plan(0, changed);
    }

    [RootFact]
    public void Apply_ForeignLinkTakesTheNameFirst_UnwindsAndLeavesItAlone()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);

        var result = Meanwhile("mkdirat", 1, () => Lab.Netns.Ip("link add web0 mtu 1234 type bridge"), "apply", "-f", path, "--auto-approve");

        result.Exited(5);
        Assert.Contains("EEXIST", result.Err, StringComparison.Ordinal);
        Assert.Empty(Lab.Instance.CgroupDirectories());
        Assert.Equal(1234, Lab.Netns.Link("web0")!.Value.GetProperty("mtu").GetInt32());
        Lab.Netns.Ip("link delete web0");
        Lab.Apply(path);
        Lab.Plan(0, path);
    }

    [RootFact]
    public void Apply_ForeignAddressAppearsFirst_ConvergesInTheNext()
    {
        Applied();
        var changed = Lab.Write("changed.yaml", Changed.Replace("fd00:88::1/64", "fd00:88::2/64"));

        var result = Meanwhile("write", 2, () => Lab.Netns.Ip("address add fd00:88::2/64 dev web0"), "apply", "-f", changed, "--auto-approve");

        // 4 where the stranger's address stands in the way of ours: after taking back, it is there and was not before.
        Assert.Contains(result.ExitCode, (int[])[0, 4, 5]);
        Lab.Run("apply", "-f", changed, "--auto-approve").Exited(0);
        Assert.Equal(["10.88.0.1/24", "fd00:88::2/64"], Lab.Netns.Addresses("web0"));
        Lab.Plan(0, changed);
    }

    [RootFact]
    public void Apply_WhileLinksComeAndGo_AllEndAndTheLastConverges()
    {
        var path = Lab.Write("many.yaml", Manifests.ManyBridges(30));
        using var stop = new CancellationTokenSource();
        var deleter = new Thread(() =>
        {
            var random = new Random(1);
            while (!stop.IsCancellationRequested)
                Command.Run("ip", ["-n", Lab.Netns.Name, "link", "delete", $"many{random.Next(1, 31)}"]);
        });
        deleter.Start();
        try
        {
            for (var i = 0; i < 10; i++)
                Assert.InRange(Lab.Run("apply", "-f", path, "--auto-approve").ExitCode, 0, 5);
        }
        finally
        {
            stop.Cancel();
            deleter.Join();
        }

        Lab.Run("apply", "-f", path, "--auto-approve").Exited(0);
        Lab.Plan(0, path);
        Lab.Run("destroy", "--auto-approve").Exited(0);
        Lab.AssertNothingLeft();
    }

    private string Applied()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);
        Lab.Apply(path);
        return path;
    }

    /// <summary>Does something while the program is held before a call of its own.</summary>
    private CommandResult Meanwhile(string call, int place, Action change, params string[] arguments)
    {
        using var held = Lab.StartUnder("strace", Injection.Words(call, "delay_enter=5s", place.ToString()), arguments);
        Assert.True(SpinWait.SpinUntil(() => HolderOfTheLock() == Child(held.Pid), Patience), "it does not take the lock");
        Assert.True(SpinWait.SpinUntil(() => IsHeld(Child(held.Pid)), Patience), "it does not come to its changes");
        change();
        return held.Wait(Patience);
    }

    // By cat: .NET would take a lock of its own on what it reads.
    private string HolderOfTheLock() =>
        Command.Run("cat", [Path.Combine(Lab.Instance.RunDirectory, "lock")]).Out.Split('\n')[0].Split(' ')[^1];

    // A thread that strace holds stays stopped; at every other call it is stopped for a moment only.
    private static bool IsHeld(string pid)
    {
        var stopped = Stopped(pid);
        for (var i = 0; i < 50 && stopped.Count > 0; i++)
        {
            Thread.Sleep(20);
            stopped.IntersectWith(Stopped(pid));
        }

        return stopped.Count > 0;
    }

    /// <summary>A stopped thread and how often it was put aside so far: the same again means it has not run meanwhile.</summary>
    private static HashSet<string> Stopped(string pid)
    {
        try
        {
            return Directory.EnumerateDirectories($"/proc/{pid}/task")
                .Select(static task => File.ReadAllText(Path.Combine(task, "status")))
                .Where(static status => status.Contains("\nState:\tt", StringComparison.Ordinal))
                .Select(static status => string.Join(' ', status.Split('\n').Where(static l => l.StartsWith("Pid:", StringComparison.Ordinal)
                    || l.StartsWith("voluntary_ctxt_switches", StringComparison.Ordinal))))
                .ToHashSet();
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static string Child(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/task/{pid}/children").Trim();
        }
        catch (IOException)
        {
            return "gone";
        }
    }
}
