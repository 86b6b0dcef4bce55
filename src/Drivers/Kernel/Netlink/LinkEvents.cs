using System.Threading.Channels;
using Provision.Reconciler;

namespace Provision.Kernel.Netlink;

/// <summary>
/// Tells which links moved, from rtnetlink's multicasts about links, addresses and bridge VLANs. Joined in the
/// constructor. When the socket overflowed, everything is suspect.
/// </summary>
public sealed class LinkEvents : IEventSource
{
    private const int LinkGroup = 1; // RTNLGRP_LINK
    private const int IPv4AddressGroup = 5; // RTNLGRP_IPV4_IFADDR
    private const int IPv6AddressGroup = 9; // RTNLGRP_IPV6_IFADDR
    private const int BridgeVlanGroup = 33; // RTNLGRP_BRVLAN
    private const int NoBufferSpace = 105; // ENOBUFS

    private readonly NetlinkSocket _socket;
    private readonly RtnetlinkReader _reader;
    private LinkNames _names;
    private readonly byte[] _datagram = new byte[64 << 10];

    /// <summary>Listens in the network namespace of the calling thread.</summary>
    /// <exception cref="KernelException">The socket cannot be had.</exception>
    public LinkEvents()
        : this(NetlinkSocket.GenerousBuffer)
    {
    }

    /// <param name="receiveBuffer">Bytes; null is the system's default, which a burst of about 80 changes overflows.</param>
    internal LinkEvents(int? receiveBuffer)
    {
        _socket = new NetlinkSocket(receiveBuffer);
        _reader = new RtnetlinkReader();
        try
        {
            foreach (var group in (int[])[LinkGroup, IPv4AddressGroup, IPv6AddressGroup])
                if (!_socket.TryJoin(group))
                    throw new KernelException(new KernelError("NETLINK_ADD_MEMBERSHIP", $"rtnetlink group {group}", null, 22));
            _socket.TryJoin(BridgeVlanGroup); // since Linux 5.6
            // Names are read after joining, so that no link can come in between unseen.
            _names = new LinkNames(_reader.ReadLinks());
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Table => KernelEvent.Links;

    /// <summary>The multicasts are about all links; there is nothing to choose.</summary>
    public void Follow(IReadOnlyCollection<string> objects)
    {
    }

    public Task Run(ChannelWriter<KernelEvent> events, CancellationToken cancel) =>
        Task.Factory.StartNew(() => Listen(events, cancel), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public void Dispose()
    {
        _socket.Dispose();
        _reader.Dispose();
    }

    private void Listen(ChannelWriter<KernelEvent> events, CancellationToken cancel)
    {
        using var wakeup = new Wakeup();
        using var registration = cancel.Register(wakeup.Signal);
        while (wakeup.WaitFor(_socket))
        {
            try
            {
                while (_socket.TryReceive(_datagram, out var datagram))
                    foreach (var hint in Hints(datagram))
                        events.TryWrite(hint);
            }
            catch (KernelException lost) when (lost.Error.Errno == NoBufferSpace)
            {
                Relearn();
                events.TryWrite(new KernelEvent(Table, ""));
            }
        }
    }

    // Lost events may have renamed links, and an index may be another link's by now.
    private void Relearn()
    {
        try
        {
            _names = new LinkNames(_reader.ReadLinks());
        }
        catch (KernelException)
        {
            // A name that is not known makes everything suspect, which is right until the next message about the link.
            _names = new LinkNames(new LinkTable([]));
        }
    }

    private List<KernelEvent> Hints(ReadOnlySpan<byte> datagram)
    {
        var hints = new List<KernelEvent>();
        var messages = new NetlinkMessages(datagram);
        while (messages.TryNext(out var message))
            switch (message.Type)
            {
                case MessageType.NewLink or MessageType.DeleteLink when LinkParser.TryParse(message.Payload, out var family, out var link):
                    _names.Apply(message.Type == MessageType.DeleteLink, family, link, hints);
                    break;
                case MessageType.NewAddress or MessageType.DeleteAddress:
                    hints.Add(_names.About(AddressParser.LinkOf(message.Payload)));
                    break;
                case MessageType.NewVlan or MessageType.DeleteVlan:
                    // struct br_vlan_msg has its index where struct ifaddrmsg has it.
                    hints.Add(_names.About(AddressParser.LinkOf(message.Payload)));
                    break;
                case MessageType.Overrun:
                    hints.Add(new KernelEvent(Table, ""));
                    break;
            }

        return hints;
    }
}
