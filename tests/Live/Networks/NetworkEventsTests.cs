using System.Threading.Channels;
using Provision.Kernel.Supervise;
using Provision.Testing;

namespace Provision.Kernel.Networks;

public sealed class NetworkEventsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [RootTheory]
    [InlineData("link set eth0 down")]
    [InlineData("link set eth0 mtu 1400")]
    [InlineData("address add 10.66.0.1/24 dev eth0")]
    [InlineData("address delete fd00:88::2/64 dev eth0")]
    [InlineData("route add 10.55.0.0/16 via 10.88.0.9")]
    [InlineData("route add fd00:55::/64 via fd00:88::9")]
    [InlineData("link delete eth0")]
    public async Task Run_AForeignChange_NamesTheContainer(string change)
    {
        using var at = new NetworkFixture();
        using var web = new Container(at, "web-1");
        using var db = new Container(at, "db-1");
        web.MustSet(NetworkFixture.Attachment);
        using var listening = new Listening();
        await listening.Watch(("web-1", web), ("db-1", db));

        web.Netns.Ip(change);

        Assert.Equal("web-1", await listening.Next());
    }

    [RootFact]
    public async Task Run_WithoutEnd_IsToldAgainAndTheOthersToo()
    {
        using var at = new NetworkFixture();
        using var web = new Container(at, "web-1");
        using var db = new Container(at, "db-1");
        using var listening = new Listening();
        await listening.Watch(("web-1", web), ("db-1", db));
        web.Netns.Ip("link add x type bridge");
        Assert.Equal("web-1", await listening.Next());

        // Beyond what the socket takes: what is lost is told as well.
        web.Netns.Run("sh", "-c", "for i in $(seq 200); do echo link set x mtu $((1300 + i)); done | ip -batch -").Succeeded();
        db.Netns.Ip("link add x type bridge");

        Assert.Equal(["db-1", "web-1"], (await listening.Until("db-1", "web-1")).Order());
        web.Netns.Ip("link delete x");
        await listening.Until("web-1");
    }

    [RootFact]
    public async Task Keep_OthersOnly_LetsTheNamespaceGo()
    {
        using var at = new NetworkFixture();
        using var listening = new Listening();
        string hostEnd;
        using (var web = new Container(at, "web-1"))
        {
            web.MustSet(NetworkFixture.Attachment);
            hostEnd = web.HostEnd;
            await listening.Watch(("web-1", web));
        }

        Assert.NotNull(at.Host.Link(hostEnd));
        listening.Source.Keep(new HashSet<string> { "other" });
        Assert.True(SpinWait.SpinUntil(() => at.Host.Link(hostEnd) is null, Patience));
    }

    [RootFact]
    public async Task Watch_ANameAgain_MovesToTheNewNamespace()
    {
        using var at = new NetworkFixture();
        using var before = new Container(at);
        using var after = new Container(at);
        using var listening = new Listening();
        await listening.Watch(("web-1", before));
        await listening.Watch(("web-1", after));

        after.Netns.Ip("link add x type bridge");

        Assert.Equal("web-1", await listening.Next());
    }

    [RootFact]
    public async Task Watch_WithAProcess_EndsWithIt()
    {
        using var at = new NetworkFixture();
        using var listening = new Listening();
        using var process = System.Diagnostics.Process.Start("sleep", "1000000");
        string hostEnd;
        using (var web = new Container(at, "web-1"))
        {
            web.MustSet(NetworkFixture.Attachment);
            hostEnd = web.HostEnd;
            var life = PidFd.Open(process.Id, ProcStat.Read(process.Id)!.Value.StartTime);
            Assert.Equal([null], listening.Source.Watch([new NetworkToWatch("web-1", web.Network, life)]));
            await listening.Until("web-1");
        }

        Assert.True(listening.Source.IsWatched("web-1"));
        Assert.NotNull(at.Host.Link(hostEnd));

        process.Kill();

        Assert.True(SpinWait.SpinUntil(() => at.Host.Link(hostEnd) is null, Patience));
        Assert.False(listening.Source.IsWatched("web-1"));
    }

    [RootFact]
    public void Watch_NoNetworkNamespace_IsRefusedAndTheOthersAreWatched()
    {
        using var at = new NetworkFixture();
        using var web = new Container(at, "web-1");
        using var listening = new Listening();
        using var other = NetworkNamespaceFile("/proc/self/ns/uts");

        var errors = listening.Source.Watch([new NetworkToWatch("uts", other), new NetworkToWatch("web-1", web.Network)]);

        Assert.Equal([Errno.EINVAL, null], errors.Select(static e => e?.Errno));
        Assert.Equal((false, true), (listening.Source.IsWatched("uts"), listening.Source.IsWatched("web-1")));
    }

    private static Microsoft.Win32.SafeHandles.SafeFileHandle NetworkNamespaceFile(string path) => Netlink.NetworkNamespace.Open(path);

    private sealed class Listening : IDisposable
    {
        private readonly Channel<string> _events = Channel.CreateUnbounded<string>();
        private readonly CancellationTokenSource _cancel = new();
        private readonly Task _run;

        public Listening() => _run = Source.Run(name => _events.Writer.TryWrite(name), _cancel.Token);

        public NetworkEvents Source { get; } = new();

        /// <summary>Watches, and waits until each was told of for the first time.</summary>
        public async Task Watch(params (string Name, Container Container)[] all)
        {
            Assert.All(Source.Watch([.. all.Select(static c => new NetworkToWatch(c.Name, c.Container.Network))]), Assert.Null);
            await Until([.. all.Select(static c => c.Name)]);
        }

        public async Task<string> Next()
        {
            using var patience = new CancellationTokenSource(Patience);
            return await _events.Reader.ReadAsync(patience.Token);
        }

        /// <summary>Reads on until each of these was told of.</summary>
        public async Task<IReadOnlyCollection<string>> Until(params string[] objects)
        {
            var told = new HashSet<string>();
            while (!told.IsSupersetOf(objects))
                told.Add(await Next());
            return told;
        }

        public void Dispose()
        {
            _cancel.Cancel();
            _run.Wait(Patience);
            Source.Dispose();
            _cancel.Dispose();
        }
    }
}
