using Provision.EndToEnd.Containers;

namespace Provision.EndToEnd;

/// <summary>
/// SIGKILL at every call by which an apply or a destroy over all kinds changes something: the next run converges, nothing
/// is left over, and a container that has nothing to do with it runs on.
/// </summary>
public sealed class ContainerCrashTests : ContainerLab
{
    private readonly CrashManifests _manifests;
    private readonly int _keeper;

    public ContainerCrashTests()
    {
        _manifests = new CrashManifests(Lab);
        Lab.Apply(_manifests.Keeper, "--stack", CrashManifests.KeeperStack);
        _keeper = Keeper();
    }

    [RootFact]
    public void Create_KilledAtEachCall_ConvergesOrIsRemoved()
    {
        string[] destroy = ["destroy", "--auto-approve"];
        var alone = Leaks.Of(Lab);
        Converge(_manifests.First);
        var whole = Leaks.Of(Lab);
        Lab.Run(destroy).Succeeded();
        var moments = Tracer.MomentsOf(Lab, false, Apply(_manifests.First));
        Assert.True(moments.Count > 20, $"{moments.Count} moments");

        foreach (var (i, moment) in Sample.Of(moments, emulated: 2, most: 6).Index())
        {
            Lab.Run(destroy).Succeeded();
            Kill(moment, Apply(_manifests.First));
            if (i % 2 == 1)
            {
                Converge(_manifests.First);
                Leaks.AssertOnly(Lab, whole, $"{moment}, apply");
            }

            Lab.Run(destroy).Succeeded();
            Leaks.AssertOnly(Lab, alone, $"{moment}, destroy");
            Assert.Equal(_keeper, Keeper());
        }
    }

    [RootFact]
    public void Change_KilledAtEachCall_Converges()
    {
        Converge(_manifests.First);
        Converge(_manifests.Second);
        var whole = Leaks.Of(Lab);
        Converge(_manifests.First);
        var moments = Tracer.MomentsOf(Lab, false, Apply(_manifests.Second));
        Assert.True(moments.Count > 20, $"{moments.Count} moments");

        foreach (var moment in Sample.Of(moments, emulated: 3))
        {
            Converge(_manifests.First);
            Kill(moment, Apply(_manifests.Second));
            Converge(_manifests.Second);
            Leaks.AssertOnly(Lab, whole, $"{moment}");
            Assert.Equal(_keeper, Keeper());
        }
    }

    [RootFact]
    public void Destroy_KilledAtEachCall_IsFinishedByTheNext()
    {
        string[] destroy = ["destroy", "--auto-approve"];
        var alone = Leaks.Of(Lab);
        Converge(_manifests.First);
        var moments = Tracer.MomentsOf(Lab, false, destroy);
        Assert.True(moments.Count > 5, $"{moments.Count} moments");

        foreach (var moment in Sample.Of(moments, emulated: 1, most: 4))
        {
            Converge(_manifests.First);
            Kill(moment, destroy);
            Lab.Run(destroy).Succeeded();
            Leaks.AssertOnly(Lab, alone, $"{moment}");
            Assert.Equal(_keeper, Keeper());
        }
    }

    private static string[] Apply(string path) => ["apply", "-f", path, "--auto-approve", "--prune"];

    private void Converge(string path)
    {
        Lab.Run(Apply(path)).Succeeded();
        Lab.Plan(0, path);
    }

    private void Kill(Moment at, string[] arguments) => Assert.True(Tracer.Kill(Lab, at, false, arguments), $"not killed at {at}");

    private int Keeper() => Status(_manifests.Keeper, "keeper", "--stack", CrashManifests.KeeperStack).GetProperty("pid").GetInt32();
}
