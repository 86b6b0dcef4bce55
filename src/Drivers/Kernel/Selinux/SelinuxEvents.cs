using System.Threading.Channels;
using Provision.Kernel.Netlink;
using Provision.Reconciler;

namespace Provision.Kernel.Selinux;

/// <summary>
/// Tells that the mode, a boolean or the policy moved (NETLINK_SELINUX). Joined in the constructor. Silent where SELinux is
/// not built in, and in any network namespace but the first, which alone has these messages.
/// </summary>
public sealed class SelinuxEvents : IEventSource
{
    private const int AvcGroup = 1; // SELNLGRP_AVC

    private readonly NetlinkSocket? _socket;
    private readonly byte[] _datagram = new byte[4096];

    /// <exception cref="KernelException">The socket cannot be had.</exception>
    public SelinuxEvents()
    {
        try
        {
            _socket = new NetlinkSocket(null, NetlinkNative.SelinuxProtocol);
        }
        catch (KernelException absent) when (absent.Error.Errno == Errno.EPROTONOSUPPORT)
        {
            return;
        }

        if (_socket.TryJoin(AvcGroup))
            return;
        _socket.Dispose();
        _socket = null;
    }

    public string Table => KernelEvent.Selinux;

    /// <summary>There is one object.</summary>
    public void Follow(IReadOnlyCollection<string> objects)
    {
    }

    public Task Run(ChannelWriter<KernelEvent> events, CancellationToken cancel) => _socket is { } socket
        ? Task.Factory.StartNew(() => Listen(socket, events, cancel), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
        : Task.CompletedTask;

    public void Dispose() => _socket?.Dispose();

    private void Listen(NetlinkSocket socket, ChannelWriter<KernelEvent> events, CancellationToken cancel)
    {
        using var wakeup = new Wakeup();
        using var registration = cancel.Register(wakeup.Signal);
        while (wakeup.WaitFor(socket))
            // What the message says is read from selinuxfs anyway.
            if (Drain(socket))
                events.TryWrite(new KernelEvent(Table, Table));
    }

    private bool Drain(NetlinkSocket socket)
    {
        var any = false;
        try
        {
            while (socket.TryReceive(_datagram, out _))
                any = true;
            return any;
        }
        catch (KernelException)
        {
            // Messages were lost, or one was too long: something has moved.
            return true;
        }
    }
}
