using System.Collections.Immutable;

namespace Provision.Kernel.Tests;

public sealed class CgroupOperationTests
{
    [Fact]
    public void Text_OfEachOperation_IsInTheKernelsTerms()
    {
        Assert.Equal("create cgroup p/web.cg", new CgroupCreate("p/web.cg", ["unified", "cpu"]).Text);
        Assert.Equal("create cgroup p/web.cg in cpu", new CgroupCreate("p/web.cg", ["cpu"], Completes: true).Text);
        Assert.Equal("remove cgroup p/web.cg", new CgroupRemove("p/web.cg", ["unified"]).Text);
        Assert.Equal("write memory.max 4096", new CgroupWrite("unified", "p/web.cg", "memory.max", "4096").Text);
        Assert.Equal("write cpuset.cpus (empty)", new CgroupWrite("unified", "p/web.cg", "cpuset.cpus", "\n").Text);
        Assert.Equal("enable +cpu +io below p", new CgroupEnable("p", ["cpu", "io"]).Text);
        Assert.Equal("disable -cpu below /", new CgroupDisable("", ["cpu"]).Text);
        Assert.Equal("attach device program: allow c 1:3 rwm", new CgroupDevices("p", [new DeviceRule(false, 1, 3, DeviceAccess.All)]).Text);
        Assert.Equal("attach device program: allow nothing", new CgroupDevices("p", ImmutableArray<DeviceRule>.Empty).Text);
        Assert.Equal("detach device programs", new CgroupDevices("p", null).Text);
    }

    [Fact]
    public void Text_OfMarks_TellsSpecsApart()
    {
        static string Text(string spec) => new CgroupMark("p", ImmutableSortedDictionary<string, string?>.Empty
            .Add(CgroupMarks.Stack, "default").Add(CgroupMarks.Spec, spec)).Text;

        Assert.StartsWith("mark spec=sha256:", Text("{\"a\":1}"));
        Assert.EndsWith(" stack=default", Text("{\"a\":1}"));
        Assert.NotEqual(Text("{\"a\":1}"), Text("{\"a\":2}"));
    }

    [Fact]
    public void Irreversible_OnlyRemovalOfWhatWasThere()
    {
        Assert.True(new CgroupRemove("p", ["unified"]).Irreversible);
        Assert.False(new CgroupRemove("p", ["unified"], Takeback: true).Irreversible);
        Assert.False(new CgroupWrite("unified", "p", "memory.max", "1").Irreversible);
    }

    [Theory]
    [InlineData("memory.max", false)]
    [InlineData("cpu.shares", false)]
    [InlineData("cgroup.subtree_control", false)]
    [InlineData("memory.stat", true)]
    [InlineData("cpu.stat.local", true)]
    [InlineData("memory.current", true)]
    [InlineData("memory.usage_in_bytes", true)]
    [InlineData("cgroup.events", true)]
    [InlineData("memory.events.local", true)]
    public void IsNoise_OfFiles_IsWhatTheKernelTouches(string file, bool noise) => Assert.Equal(noise, CgroupEvents.IsNoise(file));
}
