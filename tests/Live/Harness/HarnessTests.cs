using System.Net.NetworkInformation;

namespace Provision.Testing;

public sealed class HarnessTests
{
    [RootFact]
    public void OwnNetns_Disposed_IsGone()
    {
        string path;
        using (var netns = new OwnNetns())
        {
            path = netns.Path;
            Assert.True(File.Exists(path));
            netns.Ip("link add web0 type bridge");
            Assert.Equal("bridge", netns.Link("web0")!.Value.GetProperty("linkinfo").GetProperty("info_kind").GetString());
            Assert.Null(netns.Link("web1"));
        }

        Assert.False(File.Exists(path));
    }

    [RootFact]
    public void OwnNetns_DisposedWithAProcessInside_KillsIt()
    {
        var netns = new OwnNetns();
        using var sleeper = new RunningCommand(netns.Exec("sleep", "1000"));
        Assert.True(SpinWait.SpinUntil(() => netns.Run("true").ExitCode == 0 && Pids(netns).Length > 0, TimeSpan.FromSeconds(10)));

        netns.Dispose();

        Assert.Equal(137, sleeper.Wait(TimeSpan.FromSeconds(10)).ExitCode);
    }

    [RootFact]
    public void OwnNetns_ToolInside_StillSeesTheCgroups()
    {
        using var netns = new OwnNetns();

        Assert.NotEmpty(netns.Run("ls", Hierarchies.All[0]).Succeeded().Out);
        Assert.Contains("lo", netns.Run("ip", "-brief", "link").Succeeded().Out);
        Assert.DoesNotContain("eth", netns.Run("ip", "-brief", "link").Out);
    }

    [RootFact]
    public void Inside_OnAThreadOfItsOwn_SeesOnlyTheNetns()
    {
        using var netns = new OwnNetns();
        netns.Ip("link add web0 type bridge");

        var links = netns.Inside(() => NetworkInterface.GetAllNetworkInterfaces().Select(i => i.Name).Order().ToArray());

        Assert.Contains("web0", links);
        Assert.DoesNotContain("web0", NetworkInterface.GetAllNetworkInterfaces().Select(i => i.Name));
    }

    [RootFact]
    public void Inside_WhenTheBodyThrows_ThrowsTheSame()
    {
        using var netns = new OwnNetns();

        Assert.Throws<FormatException>(() => netns.Inside(() => throw new FormatException()));
    }

    [RootFact]
    public void OwnInstance_Disposed_RemovesCgroupsWithTheirProcesses()
    {
        var instance = new OwnInstance();
        Directory.CreateDirectory(instance.Unified("web.cg/api.cg"));
        Directory.CreateDirectory(instance.RunDirectory);
        using var sleeper = new RunningCommand(new("sleep", "1000"));
        File.WriteAllText(instance.Unified("web.cg/api.cg/cgroup.procs"), sleeper.Pid.ToString());
        Assert.Equal(3, instance.CgroupDirectories().Count);

        instance.Dispose();

        Assert.Empty(instance.CgroupDirectories());
        Assert.False(Directory.Exists(instance.RunDirectory));
        Assert.Equal(137, sleeper.Wait(TimeSpan.FromSeconds(10)).ExitCode);
    }

    [Fact]
    public void CommandRun_ToolThatFails_TellsCodeAndBothStreams()
    {
        var result = Command.Run(new System.Diagnostics.ProcessStartInfo("sh", ["-c", "cat; echo no >&2; exit 3"]), "in");

        Assert.Equal((3, "in", "no\n"), (result.ExitCode, result.Out, result.Err));
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => result.Succeeded());
    }

    private static string[] Pids(OwnNetns netns) =>
        Command.Run("ip", ["netns", "pids", netns.Name]).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
