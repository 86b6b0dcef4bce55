using System.Threading.Channels;
using Provision.Reconciler;
using Provision.Testing;

namespace Provision.Kernel.Netlink;

public sealed class EventTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [RootFact]
    public async Task Run_ForeignChanges_NameTheLinkAndItsBridge()
    {
        using var at = new NetlinkFixture();
        at.Netns.Ip("link add web0 type bridge");
        at.Netns.Ip("link add eth1 type veth peer name eth1p");
        using var listening = new Listening(at.Netns);

        at.Netns.Ip("link set web0 mtu 1400");
        await listening.Until(static e => e is { Object: "web0" });
        at.Netns.Ip("address add 10.0.0.1/24 dev web0");
        await listening.Until(static e => e is { Object: "web0" });
        at.Netns.Ip("address add fd00::1/64 dev web0");
        await listening.Until(static e => e is { Object: "web0" });
        at.Netns.Ip("link set eth1 master web0");
        await listening.Until(static e => e is { Object: "eth1", Related: "web0" });
        at.Netns.Ip("link set eth1 nomaster");
        await listening.Until(static e => e is { Object: "eth1", Related: "web0" });
        at.Netns.Ip("link set web0 name web1");
        await listening.Until(static e => e is { Object: "web1" });
        await listening.Until(static e => e is { Object: "web0" });
        at.Netns.Ip("link delete web1");
        await listening.Until(static e => e is { Object: "web1" });
    }

    [RootFact]
    public async Task Run_BurstBeyondTheDefaultBuffer_TellsThatEventsWereLost()
    {
        using var at = new NetlinkFixture();
        using var source = at.Netns.Inside(static () => new LinkEvents(receiveBuffer: null));
        at.Execute([.. Enumerable.Range(0, 300).Select(static i => NetlinkFixture.Bridge($"b{i}"))]);
        at.Netns.Ip("link set b299 name x299");
        using var listening = new Listening(source);

        Assert.True((await listening.Until(static e => e.Overflow)).Overflow);

        // It goes on listening after that.
        at.Netns.Ip("link set b7 mtu 1400");
        await listening.Until(static e => e is { Object: "b7" });
        // An address message has the index only: the name is the one that was given while events were lost.
        at.Netns.Ip("address add 10.0.0.1/24 dev x299");
        await listening.Until(static e => e is { Object: "x299" });
    }

    [RootFact]
    public async Task Run_BurstOfHundredsOfLinks_NamesEachOrTellsThatSomeWereLost()
    {
        using var at = new NetlinkFixture();
        using var source = at.Netns.Inside(static () => new LinkEvents());
        at.Execute([.. Enumerable.Range(0, 500).Select(static i => NetlinkFixture.Bridge($"b{i}"))]);
        using var listening = new Listening(source);

        // How many messages fit depends on the kernel (Linux 6.1 charges the socket 8 KiB for each): what must not be is
        // a link that nobody hears of. After a loss everything is suspect.
        var unheard = Enumerable.Range(0, 500).Select(static i => $"b{i}").ToHashSet();
        while (unheard.Count > 0 && await listening.Until(static _ => true) is { Overflow: false } hint)
            unheard.Remove(hint.Object);

        // And the next change is heard of, lost messages or not.
        at.Netns.Ip("link set b499 mtu 1400 name x499");
        await listening.Until(static e => e is { Object: "x499" });
    }

    [RootFact]
    public async Task Run_Cancelled_EndsAtOnce()
    {
        using var at = new NetlinkFixture();
        using var source = at.Netns.Inside(static () => new LinkEvents());
        using var cancel = new CancellationTokenSource();
        var run = source.Run(Channel.CreateUnbounded<KernelEvent>().Writer, cancel.Token);

        await cancel.CancelAsync();

        await run.WaitAsync(Patience);
    }

    private sealed class Listening : IDisposable
    {
        private readonly Channel<KernelEvent> _events = Channel.CreateUnbounded<KernelEvent>();
        private readonly CancellationTokenSource _cancel = new();
        private readonly LinkEvents? _own;
        private readonly Task _run;

        public Listening(OwnNetns netns)
            : this(netns.Inside(static () => new LinkEvents())) => _own = _source;

        public Listening(LinkEvents source)
        {
            _source = source;
            _run = source.Run(_events.Writer, _cancel.Token);
        }

        private readonly LinkEvents _source;

        public async Task<KernelEvent> Until(Func<KernelEvent, bool> wanted)
        {
            using var patience = new CancellationTokenSource(Patience);
            while (true)
                if (await _events.Reader.ReadAsync(patience.Token) is var next && wanted(next))
                    return next;
        }

        public void Dispose()
        {
            _cancel.Cancel();
            _run.Wait(Patience);
            _own?.Dispose();
            _cancel.Dispose();
        }
    }
}
