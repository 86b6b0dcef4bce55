namespace Provision.EndToEnd;

/// <summary>Ctrl-C in mid-apply: everything is taken back, and the exit code says so.</summary>
public sealed class InterruptTests : LabTest
{
    private static readonly string Changed = Manifests.Shop
        .Replace("128Mi", "96Mi").Replace("pids: {max: 64}", "pids: {max: 32}\n  cpu: {weight: 300}")
        .Replace("fd00:88::1/64", "fd00:88::2/64").Replace("mtu: 1400", "mtu: 1300\n  stp: {enabled: true}");

    [RootTheory]
    [InlineData("mkdirat", 0)]
    [InlineData("mkdirat", 50)]
    [InlineData("mkdirat", 100)]
    [InlineData("fsetxattr", 0)]
    [InlineData("fsetxattr", 100)]
    public void Create_Interrupted_LeavesNothing(string call, int percent)
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);
        string[] apply = ["apply", "-f", path, "--auto-approve"];
        var sites = Injection.Changes(Lab, apply).Where(s => s.Name == call).ToList();
        Lab.Run("destroy", "--auto-approve").Exited(0);

        var result = Interrupt(sites[(sites.Count - 1) * percent / 100], apply);

        // At the last call the apply may be done before it hears of the signal, where threads wait long for a processor.
        if (percent < 100 || result.ExitCode != 0)
        {
            result.Exited(5);
            Assert.Contains("interrupted", result.Err, StringComparison.OrdinalIgnoreCase);
            Lab.AssertNothingLeft();
        }

        Lab.Apply(path);
        Lab.Plan(0, path);
    }

    [RootFact]
    public void Update_InterruptedAtEveryCall_IsAsBeforeOrDone()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);
        string[] apply = ["apply", "-f", Lab.Write("changed.yaml", Changed), "--auto-approve"];
        Lab.Apply(path);
        // Once there and back: a controller that this enables on cgroup v2 stays enabled.
        Lab.Run(apply).Exited(0);
        Lab.Apply(path);
        var before = Picture.Of(Lab);
        var sites = Injection.Changes(Lab, apply);
        var done = Picture.Of(Lab);
        Lab.Apply(path);
        Assert.Equal(before, Picture.Of(Lab));

        var codes = new List<int>();
        foreach (var site in sites)
        {
            var result = Interrupt(site, apply);
            codes.Add(result.ExitCode);
            if (result.ExitCode == 0)
            {
                Assert.Equal(done, Picture.Of(Lab));
                Lab.Apply(path);
                continue;
            }

            result.Exited(5);
            Assert.Equal(before, Picture.Of(Lab));
            Lab.Plan(0, path);
        }

        // Only after the last operation there is nothing to interrupt.
        Assert.True(codes.Count(static c => c == 5) >= sites.Count / 2, string.Join(' ', sites.Zip(codes)));
    }

    [RootFact]
    public void Apply_InterruptedWhileWaitingForTheLock_SaysSo()
    {
        var path = Lab.Write("shop.yaml", Manifests.Shop);
        Directory.CreateDirectory(Lab.Instance.RunDirectory);
        var file = Path.Combine(Lab.Instance.RunDirectory, "lock");
        using var holder = new RunningCommand(new("flock", [file, "sleep", "60"]));
        SpinWait.SpinUntil(() => File.Exists(file), TimeSpan.FromSeconds(10));
        Thread.Sleep(200);

        using var apply = Lab.Start("apply", "-f", path, "--auto-approve", "--lock-timeout", "50");
        // It waits when it has the file open; a signal before that would simply end it.
        Assert.True(SpinWait.SpinUntil(() => Command.Run("find", ["-L", $"/proc/{apply.Pid}/fd", "-samefile", file]).Out.Length > 0, TimeSpan.FromSeconds(20)));
        apply.Signal("INT");
        var result = apply.Wait(TimeSpan.FromSeconds(20));

        result.Exited(5);
        Assert.Contains("lock", result.Err, StringComparison.Ordinal);
        Lab.AssertNothingLeft();
    }

    // The handler runs on a thread of its own: the calls that follow are slowed, so that it has run before the next step.
    private CommandResult Interrupt(CallSite at, params string[] arguments) => Lab.RunUnder("strace",
        ["-e", "inject=close,recvfrom:delay_exit=10ms", .. Injection.Words($"{at.Name},close,recvfrom", at.Name, "signal=INT", at.Place.ToString())], arguments);
}
