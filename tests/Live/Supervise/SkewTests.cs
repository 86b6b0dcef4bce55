using System.Text.Json.Nodes;
using Provision.Kernel.Containers;
using Provision.Testing;

namespace Provision.Kernel.Supervise;

/// <summary>A supervisor that meets what one of another version left, and one that is to become a program that cannot go on.</summary>
public sealed class SkewTests : IDisposable
{
    private readonly SupervisorBench _bench = new();

    public SkewTests() => _bench.Supervise();

    public void Dispose() => _bench.Dispose();

    [RootFact]
    public void Adopt_RecordsWithMembersOfALaterVersion_KeepsContainerPolicyAndLog()
    {
        _bench.Start(_bench.Order("web", "echo ready; sleep 100000", RestartPolicyKind.Always));
        _bench.UntilLogged("web", "ready");
        var pid = _bench.Live("web").Process!.Pid;
        _bench.KillSupervisor();
        _bench.RewriteRun("web", static run => run["later"] = new JsonObject { ["x"] = 1 });
        var order = JsonNode.Parse(File.ReadAllText(_bench.Paths.Order("web")))!;
        order["later"] = 1;
        order["sandbox"]!["later"] = "x";
        File.WriteAllText(_bench.Paths.Order("web"), order.ToJsonString());

        _bench.Supervise();

        Assert.Equal(pid, _bench.Ask(new Request { Verb = Verb.Status }).Containers!.Single().Run.Pid);
        SupervisorBench.Kill(pid);
        Assert.Equal(1, _bench.Until("web", c => c.Process is { } p && p.Pid != pid).Run!.Restarts);
    }

    [RootFact]
    public void Adopt_ARecordThatCannotBeRead_LeavesTheContainerAndAllThatIsItsAlone()
    {
        var order = _bench.Order("web", "sleep 100000");
        _bench.Start(order);
        var pid = _bench.Live("web").Process!.Pid;
        _bench.KillSupervisor();
        _bench.RewriteRun("web", static run => run["state"] = "AStateOfALaterVersion");

        _bench.Supervise();

        Assert.True(SupervisorBench.IsAlive(pid));
        Assert.True(File.Exists(_bench.Paths.Order("web")));
        Assert.True(File.Exists(_bench.Paths.Fifo("web")));
        Assert.Equal(Errno.EBUSY, _bench.Perform(new ContainerStart(_bench.Name, order))!.Errno);
        _bench.Do(new ContainerRemove(_bench.Name, "web", order.Cgroup));
        Assert.False(SupervisorBench.IsAlive(pid));
        Assert.False(File.Exists(_bench.Paths.Order("web")));
    }

    [RootFact]
    public void Upgrade_ToAProgramThatCannotGoOn_IsRefusedBeforeAnythingIsLost()
    {
        var order = _bench.Order("web", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.1; done");
        _bench.Start(order);
        _bench.UntilLogged("web", "ready");
        var before = _bench.Ask(new Request { Verb = Verb.Hello });

        using (var client = SupervisorClient.Connect(_bench.Paths)!)
        using (var other = Sys.Open(Libc.AT_FDCWD, "/bin/busybox", Libc.O_RDONLY).File!)
            Assert.Equal("check", client.Ask(new Request { Verb = Verb.Upgrade }, other).Error!.Action);
        Assert.Equal(Errno.EINVAL, _bench.Ask(new Request { Verb = Verb.Upgrade }).Error!.Errno);

        var after = _bench.Ask(new Request { Verb = Verb.Hello });
        Assert.Equal((before.Pid, before.Generation), (after.Pid, after.Generation));
        _bench.Do(new ContainerStop(_bench.Name, "web", order.Cgroup));
        Assert.Equal(9, _bench.Live("web").Run!.LastExit!.Status);
    }

    [RootTheory]
    [InlineData("""{"version":1,"generation":1,"listener":3,"lock":4,"asker":-1,"containers":[],"later":{}}""", 0)]
    [InlineData("""{"version":1000,"generation":1,"listener":3,"lock":4,"asker":-1,"containers":[]}""", 1)]
    [InlineData("""{"version":1,"generation":1,"containers":[null]}""", 1)]
    [InlineData("nonsense", 1)]
    public void Check_AHandover_TellsWhetherThisProgramCanGoOn(string handover, int code)
    {
        var start = new System.Diagnostics.ProcessStartInfo("/bin/busybox", ["sh", "-c", "\"$0\" supervise --check < \"$1\"", SupervisorBench.Program, Written(handover)]);

        Command.Run(start).Exited(code);
    }

    private string Written(string text)
    {
        var path = Path.Combine(_bench.Root, "handover");
        File.WriteAllText(path, text);
        return path;
    }
}
