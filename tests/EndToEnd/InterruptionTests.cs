namespace Provision.EndToEnd;

public sealed class InterruptionTests : LabTest
{
    private const int Count = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private string Many => Lab.Write("many.yaml", Manifests.ManyCgroups(Count) + "---\n" + Manifests.ManyBridges(Count));

    [RootFact]
    public void Apply_KilledAtManyMoments_ConvergesInTheNext()
    {
        var path = Many;
        var whole = System.Diagnostics.Stopwatch.StartNew();
        Lab.Apply(path);
        var duration = whole.Elapsed;
        Lab.Run("destroy", "--auto-approve").Exited(0);

        for (var round = 1; round <= 12; round++)
        {
            using (var apply = Lab.Start("apply", "-f", path, "--auto-approve"))
            {
                Thread.Sleep(duration * round / 13);
                apply.Signal("KILL");
                apply.Wait(Patience);
            }

            // Odd rounds finish what was begun, even ones remove it: a creation cut short is ours in both.
            if (round % 2 == 1)
            {
                Lab.Apply(path);
                Lab.Plan(0, path);
            }

            Lab.Run("destroy", "--auto-approve").Exited(0);
            Lab.AssertNothingLeft();
        }
    }

    [RootTheory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void Apply_AskedToStop_UnwindsOrFinishes(string signal)
    {
        var path = Many;
        using (var apply = Lab.Start("apply", "-f", path, "--auto-approve"))
        {
            SpinWait.SpinUntil(() => apply.HasExited || Lab.Instance.CgroupDirectories().Count > 0, Patience);
            apply.Signal(signal);
            var result = apply.Wait(Patience);

            Assert.Contains(result.ExitCode, (int[])[0, 5]);
            if (result.ExitCode == 5)
                Lab.AssertNothingLeft();
            else
                Lab.Plan(0, path);
        }

        Lab.Apply(path);
        Lab.Plan(0, path);
    }

    [RootFact]
    public void Apply_ForeignChangesMeanwhile_EndsAndTheNextConverges()
    {
        var path = Many;
        using (var apply = Lab.Start("apply", "-f", path, "--auto-approve"))
        {
            for (var i = 0; !apply.HasExited; i = i % Count + 1)
                Command.Run("ip", ["-n", Lab.Netns.Name, "link", "delete", $"many{i}"]);
            Assert.InRange(apply.Wait(Patience).ExitCode, 0, 6);
        }

        Lab.Apply(path);
        Lab.Plan(0, path);
    }

    [RootFact]
    public void Apply_TwoAtOnce_BothEndWellOrOneNamesTheHolder()
    {
        var path = Many;
        using var first = Lab.Start("apply", "-f", path, "--auto-approve");
        using var second = Lab.Start("apply", "-f", path, "--auto-approve");

        foreach (var (result, other) in new[] { (first.Wait(Patience), second.Pid), (second.Wait(Patience), first.Pid) })
            Assert.True(result.ExitCode == 0 || result.Err.Contains(other.ToString(), StringComparison.Ordinal), result.ToString());

        Lab.Plan(0, path);
    }
}
