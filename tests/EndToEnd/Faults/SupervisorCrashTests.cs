using System.Globalization;
using Provision.EndToEnd.Containers;

namespace Provision.EndToEnd;

/// <summary>
/// SIGKILL for the supervisor at every call by which it changes something, for a launch's child at every line of its
/// program, and for the supervisor while its child stands before a line: the next apply converges, nothing is left over,
/// and a container that has nothing to do with it runs on.
/// </summary>
public sealed class SupervisorCrashTests : ContainerLab
{
    private const int Tries = 3;

    private readonly CrashManifests _manifests;
    private readonly int _keeper;

    public SupervisorCrashTests()
    {
        _manifests = new CrashManifests(Lab);
        Lab.Apply(_manifests.Keeper, "--stack", CrashManifests.KeeperStack);
        _keeper = Keeper();
    }

    private int Supervisor =>
        int.Parse(File.ReadAllText(Path.Combine(Lab.Instance.Unified("supervisor"), "cgroup.procs")).Trim(), CultureInfo.InvariantCulture);

    [RootFact]
    public void Supervisor_KilledAtEachCallOfAChange_TheNextApplyConverges() =>
        Try(Change(), static all => Sample.Of([.. all.Where(static m => m.Side == "own")], emulated: 2, most: 10), starter: false);

    [RootFact]
    public void Child_KilledAtEachLine_TheNextApplyConverges() =>
        Try(Change(), static all => Sample.Of([.. all.Where(static m => m.Side == "line")], emulated: 2, most: 5), starter: false);

    [RootFact]
    public void Supervisor_KilledWhileItsChildIsAtEachLine_TheNextApplyConverges() =>
        Try(Change(), static all => Sample.Of([.. all.Where(static m => m.Side == "line")], emulated: 2, most: 5), starter: true);

    [RootFact]
    public void Supervisor_KilledAtEachCallOfARestartAndAnExec_TheNextApplyConverges() =>
        Try(ByHand(), static all => Sample.Of([.. all.Where(static m => m.Side == "own")], emulated: 1, most: 4), starter: false);

    [RootFact]
    public void Supervisor_KilledWhileItComesUp_TheNextApplyConverges()
    {
        Converge(_manifests.First);
        var whole = Leaks.Of(Lab);
        KillSupervisor();
        var moments = Tracer.MomentsOf(Lab, deep: true, Apply(_manifests.Second));
        // Of those that belong to its coming up: what follows is told by the others.
        List<Moment> coming = [.. moments.Where(static m => m.Side == "own").TakeWhile(static m => m.Call != "clone3")];
        Assert.True(coming.Count > 10, $"{coming.Count} moments");

        foreach (var moment in Sample.Of(coming, emulated: 1, most: 5))
        {
            Converge(_manifests.First);
            KillSupervisor();
            Assert.True(Tracer.Kill(Lab, moment, true, Apply(_manifests.Second)), $"not killed at {moment}");
            Converge(_manifests.First);
            AssertWhole(whole, $"{moment}");
        }
    }

    private void Try((Action Prepare, Action Do, Action Settle) run, Func<IReadOnlyList<Moment>, IReadOnlyList<Moment>> choose, bool starter)
    {
        run.Prepare();
        run.Do();
        run.Settle();
        var whole = Leaks.Of(Lab);
        run.Prepare();
        IReadOnlyList<Moment> moments;
        using (var tracer = Tracer.Follow(Lab, Supervisor))
        {
            run.Do();
            moments = tracer.Moments;
        }

        run.Settle();
        var chosen = choose(moments);
        Assert.NotEmpty(chosen);
        var killed = chosen.Count(moment =>
        {
            // Its threads take turns: a run may have one call less.
            for (var i = 0; i < Tries; i++)
            {
                run.Prepare();
                bool done;
                using (var tracer = Tracer.KillAt(Lab, Supervisor, moment, starter))
                {
                    run.Do();
                    done = tracer.Killed;
                }

                run.Settle();
                AssertWhole(whole, $"{moment}");
                if (done)
                    return true;
            }

            return false;
        });
        Assert.True(killed * 2 > chosen.Count, $"{killed} of {chosen.Count} killed");
    }

    private (Action Prepare, Action Do, Action Settle) Change() => (
        () => Converge(_manifests.First),
        () => Lab.Run(Apply(_manifests.Second)),
        () => Converge(_manifests.Second));

    private (Action Prepare, Action Do, Action Settle) ByHand() => (() => Converge(_manifests.First), RestartEnterAndStop, StartAgain);

    private void RestartEnterAndStop()
    {
        Lab.Run("restart", "web");
        Lab.Netns.Run(Binary.Path, "exec", "mapped", "--instance", Lab.Instance.Name, "--", "/bin/busybox", "true");
        Lab.Run("stop", "old");
    }

    private void StartAgain()
    {
        Lab.Run("start", "old");
        Converge(_manifests.First);
    }

    private void AssertWhole(IReadOnlyList<string> whole, string after)
    {
        Leaks.AssertOnly(Lab, whole, after);
        Assert.Equal(_keeper, Keeper());
    }

    private void KillSupervisor()
    {
        var pid = Supervisor;
        Command.Run("/bin/kill", ["-KILL", $"{pid}"]).Succeeded();
        Eventually("it has ended", () => !Directory.Exists($"/proc/{pid}"));
    }

    private static string[] Apply(string path) => ["apply", "-f", path, "--auto-approve", "--prune"];

    private void Converge(string path)
    {
        Lab.Run(Apply(path)).Succeeded();
        Lab.Plan(0, path);
    }

    private int Keeper() => Status(_manifests.Keeper, "keeper", "--stack", CrashManifests.KeeperStack).GetProperty("pid").GetInt32();
}
