using System.Threading.Channels;
using Provision.Kernel;
using Provision.Reconciler;

namespace Provision.Testing;

[Trait("Needs", "cgroup-v1")]
public sealed class CgroupEventsTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly OwnInstance _instance = new();
    private readonly CgroupEvents _events = new(CgroupLayout.Discover());
    private readonly Channel<KernelEvent> _channel = Channel.CreateUnbounded<KernelEvent>();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public CgroupEventsTests()
    {
        Directory.CreateDirectory(_instance.V1("memory", "web.cg"));
        Directory.CreateDirectory(_instance.Unified("web.cg"));
        _events.Follow([$"{_instance.CgroupRoot}/web.cg"]);
        _running = _events.Run(_channel.Writer, _stop.Token);
        // Every path that is newly followed is told of once.
        Quiet().Wait(Patience);
    }

    private string Web => $"{_instance.CgroupRoot}/web.cg";

    public void Dispose()
    {
        _stop.Cancel();
        Assert.True(_running.Wait(Patience));
        _events.Dispose();
        _instance.Dispose();
    }

    [RootFact]
    public async Task Run_ForeignWrite_NamesTheCgroup()
    {
        File.WriteAllText(_instance.V1("memory", "web.cg/memory.limit_in_bytes"), "1073741824");

        Assert.Equal(Web, (await Next()).Object);
    }

    [RootFact]
    public async Task Run_RemovedAndMadeAgain_IsStillFollowed()
    {
        Directory.Delete(_instance.V1("memory", "web.cg"));
        Assert.Equal(Web, (await Next()).Object);
        Directory.CreateDirectory(_instance.V1("memory", "web.cg"));
        await Quiet();

        File.WriteAllText(_instance.V1("memory", "web.cg/memory.limit_in_bytes"), "1073741824");

        Assert.Equal(Web, (await Next()).Object);
    }

    [RootFact]
    public async Task Run_ForeignChild_IsNamed()
    {
        Directory.CreateDirectory(_instance.Unified("other.cg"));

        Assert.Equal($"{_instance.CgroupRoot}/other.cg", (await Next()).Object);
    }

    [RootFact]
    public async Task Run_NoiseAndUnfollowed_TellNothing()
    {
        _events.Follow([]);
        File.WriteAllText(_instance.V1("memory", "web.cg/memory.limit_in_bytes"), "1073741824");
        await Quiet();

        _events.Follow([Web]);
        await Quiet();
        File.WriteAllText(_instance.V1("memory", "web.cg/memory.failcnt"), "0");
        await Task.Delay(50);
        Assert.False(_channel.Reader.TryRead(out _));
    }

    [RootFact]
    public async Task Follow_NewPath_IsToldOfOnce()
    {
        Directory.CreateDirectory(_instance.V1("memory", "new.cg"));
        await Quiet();

        _events.Follow([Web, $"{_instance.CgroupRoot}/new.cg"]);

        Assert.Equal($"{_instance.CgroupRoot}/new.cg", (await Next()).Object);
        await Task.Delay(50);
        Assert.False(_channel.Reader.TryRead(out _));
    }

    [RootFact]
    public async Task Run_SubtreeMadeAgain_IsFollowedWholly()
    {
        var leaf = $"{Web}/a.cg/b.cg";
        var made = _instance.V1("memory", "web.cg/a.cg/b.cg");
        Directory.CreateDirectory(made);
        _events.Follow([leaf]);
        await Quiet();
        Directory.Delete(made);
        Directory.Delete(Path.GetDirectoryName(made)!);
        Directory.CreateDirectory(made);
        await Quiet();

        File.WriteAllText(Path.Combine(made, "memory.limit_in_bytes"), "1073741824");

        Assert.Equal(leaf, (await Next()).Object);
    }

    [RootFact]
    public async Task Follow_WatchesUsedUp_KeepsThePrimaryAndSaysSo()
    {
        var paths = Enumerable.Range(0, 8).Select(i => $"{_instance.CgroupRoot}/n{i}.cg").ToList();
        foreach (var path in paths)
        {
            Directory.CreateDirectory(Path.Combine(Hierarchies.Unified!, path));
            Directory.CreateDirectory(Path.Combine(Hierarchies.V1("pids")!, path));
        }

        using var own = new CgroupEvents(CgroupLayout.Discover()) { WatchesMax = 12 };
        own.Follow(paths);
        Assert.Contains("max_user_watches", own.Limitation);
        var running = own.Run(_channel.Writer, _stop.Token);
        await Quiet();
        File.WriteAllText(Path.Combine(Hierarchies.Unified!, paths[7], "cgroup.max.depth"), "3");
        Assert.Equal(paths[7], (await Next()).Object);

        own.Follow([]);
        Assert.Null(own.Limitation);
        _stop.Cancel();
        Assert.True(running.Wait(Patience));
    }

    private async Task<KernelEvent> Next() => await _channel.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    private async Task Quiet()
    {
        await Task.Delay(100);
        while (_channel.Reader.TryRead(out _))
        {
        }
    }
}
