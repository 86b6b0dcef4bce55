using Provision.Testing;

namespace Provision.Kernel.Launch;

/// <summary>A child that SIGKILL does not end: here held by the freezer of v1, elsewhere by a file server that does not answer.</summary>
[Trait("Needs", "cgroup-v1")]
public sealed class StuckTests : IDisposable
{
    private readonly string _frozen = $"{Hierarchies.V1("freezer")}/provision-{UniqueName.Of("test")}";

    public StuckTests()
    {
        Directory.CreateDirectory(_frozen);
        File.WriteAllText($"{_frozen}/freezer.state", "FROZEN");
    }

    public void Dispose() => CgroupRemoval.Remove(_frozen);

    [RootFact]
    public void Start_OfAChildThatDoesNotEnd_TellsItAndLeavesTheLauncherToOthers()
    {
        using var launcher = new Launcher { Patience = TimeSpan.FromSeconds(1), Insistence = TimeSpan.FromSeconds(1) };
        var frozen = Program(
            Call(SystemCall.OpenAt, Argument.Here, $"{_frozen}/tasks", Libc.O_WRONLY) with { Result = "tasks" },
            Call(SystemCall.Write, Argument.Slot("tasks"), "0", 1),
            Call(SystemCall.GetPid));

        var error = Assert.Throws<LaunchException>(() => launcher.Start(frozen, new LaunchInputs()));

        Assert.Contains("does not end", error.Message);
        var child = int.Parse(Assert.Single(File.ReadAllLines($"{_frozen}/tasks")));
        // It could be late on a slow host as well; then it ends, and it is asked for again.
        Assert.True(SpinWait.SpinUntil(() => Next(launcher), TimeSpan.FromMinutes(3)), "others are not launched");
        File.WriteAllText($"{_frozen}/freezer.state", "THAWED");
        Assert.True(SpinWait.SpinUntil(() => !Directory.Exists($"/proc/{child}"), TimeSpan.FromMinutes(3)), "nobody reaps it");
    }

    private static bool Next(Launcher launcher)
    {
        try
        {
            using var next = launcher.Start(Program(), new LaunchInputs());
            return next.Wait().Shell == 0;
        }
        catch (LaunchException)
        {
            return false;
        }
    }

    private static LaunchProgram Program(params Step[] before) => new(
        "test", CloneFlags.None, [],
        [.. before, Call(SystemCall.Execve, "/bin/busybox", Argument.Vector(["busybox", "true"]), Argument.Environment([]))]);

    private static Step Call(SystemCall call, params Argument[] arguments) => new(call, [.. arguments]);
}
