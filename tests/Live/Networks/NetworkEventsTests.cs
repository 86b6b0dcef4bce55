using System.Threading.Channels;
using Provision.Reconciler;
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
        listening.Source.Watch("web-1", web.Network);
        listening.Source.Watch("db-1", db.Network);

        web.Netns.Ip(change);

        Assert.Equal(new KernelEvent(KernelEvent.Networks, "web-1"), await listening.Next());
    }

    [RootFact]
    public async Task Run_WithoutEnd_IsToldAgainAndTheOthersToo()
    {
        using var at = new NetworkFixture();
        using var web = new Container(at, "web-1");
        using var db = new Container(at, "db-1");
        using var listening = new Listening();
        listening.Source.Watch("web-1", web.Network);
        listening.Source.Watch("db-1", db.Network);
        web.Netns.Ip("link add x type bridge");
        Assert.Equal("web-1", (await listening.Next()).Object);

        // Beyond what the socket takes: what is lost is told as well.
        web.Netns.Run("sh", "-c", "for i in $(seq 200); do echo link set x mtu $((1300 + i)); done | ip -batch -").Succeeded();
        db.Netns.Ip("link add x type bridge");

        Assert.Equal(["db-1", "web-1"], (await listening.Until("db-1", "web-1")).Order());
        web.Netns.Ip("link delete x");
        await listening.Until("web-1");
    }

    [RootFact]
    public async Task Unwatch_AContainerThatEnded_LetsItsNamespaceGo()
    {
        using var at = new NetworkFixture();
        using var listening = new Listening();
        string hostEnd;
        using (var web = new Container(at, "web-1"))
        {
            web.MustSet(NetworkFixture.Attachment);
            hostEnd = web.HostEnd;
            listening.Source.Watch("web-1", web.Network);
            web.Netns.Ip("link set eth0 mtu 1400");
            await listening.Next();
        }

        Assert.NotNull(at.Host.Link(hostEnd));
        listening.Source.Follow(["other"]);
        Assert.True(SpinWait.SpinUntil(() => at.Host.Link(hostEnd) is null, Patience));
    }

    [RootFact]
    public async Task Watch_ANameAgain_MovesToTheNewNamespace()
    {
        using var at = new NetworkFixture();
        using var before = new Container(at);
        using var after = new Container(at);
        using var listening = new Listening();
        listening.Source.Watch("web-1", before.Network);
        listening.Source.Watch("web-1", after.Network);

        after.Netns.Ip("link add x type bridge");

        Assert.Equal("web-1", (await listening.Next()).Object);
    }

    private sealed class Listening : IDisposable
    {
        private readonly Channel<KernelEvent> _events = Channel.CreateUnbounded<KernelEvent>();
        private readonly CancellationTokenSource _cancel = new();
        private readonly Task _run;

        public Listening() => _run = Source.Run(_events.Writer, _cancel.Token);

        public NetworkEvents Source { get; } = new();

        public async Task<KernelEvent> Next()
        {
            using var patience = new CancellationTokenSource(Patience);
            return await _events.Reader.ReadAsync(patience.Token);
        }

        /// <summary>Reads on until each of these was told of.</summary>
        public async Task<IReadOnlyCollection<string>> Until(params string[] objects)
        {
            var told = new HashSet<string>();
            while (!told.IsSupersetOf(objects))
                told.Add((await Next()).Object);
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
