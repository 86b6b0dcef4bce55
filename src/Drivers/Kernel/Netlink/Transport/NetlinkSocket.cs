using System.Diagnostics;
using System.Runtime.InteropServices;
using Provision.Reconciler;

namespace Provision.Kernel.Netlink;

/// <summary>
/// A netlink socket (man 7 netlink), of NETLINK_ROUTE unless told: send, receive within a time, nothing of what the bytes mean. It keeps
/// the network namespace that it was opened in.
/// </summary>
internal sealed unsafe class NetlinkSocket : IDisposable
{
    /// <summary>Room for the answers to a large batch; the default (212,992 bytes) overflows near 1000.</summary>
    public const int GenerousBuffer = 8 << 20;

    private const int Interrupted = 4; // EINTR
    private const int TryAgain = 11; // EAGAIN
    private const int MessageTooLong = 90; // EMSGSIZE
    private const int TimedOut = 110; // ETIMEDOUT

    private readonly NetlinkHandle _handle;

    /// <param name="receiveBuffer">Bytes; null keeps the system's default.</param>
    /// <param name="protocol">NETLINK_*.</param>
    /// <exception cref="KernelException">The socket cannot be had.</exception>
    public NetlinkSocket(int? receiveBuffer = GenerousBuffer, int protocol = NetlinkNative.RouteProtocol)
    {
        _handle = new NetlinkHandle(NetlinkNative.Socket(NetlinkNative.AfNetlink, NetlinkNative.RawCloseOnExec, protocol));
        if (_handle.IsInvalid)
            throw Failed("socket");
        try
        {
            Port = Bind();
            // Short acks, the kernel's own words, and dumps that honour their filters. Kernels before 4.20 lack the last
            // and dump everything, which readers then filter themselves.
            TrySet(NetlinkNative.SolNetlink, NetlinkNative.CapAck, 1);
            TrySet(NetlinkNative.SolNetlink, NetlinkNative.ExtAck, 1);
            TrySet(NetlinkNative.SolNetlink, NetlinkNative.GetStrictCheck, 1);
            if (receiveBuffer is { } bytes && !TrySet(NetlinkNative.SolSocket, NetlinkNative.ReceiveBufferForce, bytes))
                TrySet(NetlinkNative.SolSocket, NetlinkNative.ReceiveBuffer, bytes); // without CAP_NET_ADMIN, up to rmem_max
        }
        catch
        {
            _handle.Dispose();
            throw;
        }
    }

    /// <summary>The kernel's name for this socket; answers carry it.</summary>
    public uint Port { get; }

    internal NetlinkHandle Handle => _handle;

    /// <summary>Joins a multicast group (RTNLGRP_*); false where the kernel does not know it.</summary>
    public bool TryJoin(int group) => TrySet(NetlinkNative.SolNetlink, NetlinkNative.AddMembership, group);

    /// <exception cref="KernelException">Nothing of the buffer was taken.</exception>
    public void Send(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* bytes = buffer)
            while (NetlinkNative.Send(_handle, bytes, (nuint)buffer.Length, 0) < 0)
                if (Marshal.GetLastPInvokeError() != Interrupted)
                    throw Failed("send");
    }

    /// <summary>One datagram from the kernel into the buffer; what other processes send is dropped.</summary>
    /// <exception cref="KernelException">ENOBUFS when messages were lost, ETIMEDOUT, EMSGSIZE when the buffer is too small.</exception>
    public ReadOnlySpan<byte> Receive(Span<byte> buffer, TimeSpan within)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            // An answer is there as soon as the request was sent, so looking comes before waiting.
            if (TryReceive(buffer, out var datagram))
                return datagram;
            if (!WaitReadable(within - Stopwatch.GetElapsedTime(started)))
                throw new KernelException(new KernelError("receive", "rtnetlink", null, TimedOut, $"no answer within {within.TotalSeconds:0.#} s"));
        }
    }

    /// <summary>A datagram that is there now; false when there is none from the kernel.</summary>
    public bool TryReceive(Span<byte> buffer, out ReadOnlySpan<byte> datagram)
    {
        datagram = default;
        NetlinkNative.SocketAddress from = default;
        var fromLength = (uint)sizeof(NetlinkNative.SocketAddress);
        nint received;
        fixed (byte* bytes = buffer)
            received = NetlinkNative.Receive(
                _handle, bytes, (nuint)buffer.Length, NetlinkNative.Truncate | NetlinkNative.DoNotWait, &from, &fromLength);
        if (received < 0)
            return Marshal.GetLastPInvokeError() is Interrupted or TryAgain ? false : throw Failed("receive");
        if (from.Port != 0)
            return false;
        if (received > buffer.Length)
            throw new KernelException(new KernelError("receive", "rtnetlink", null, MessageTooLong, $"{received} bytes"));
        datagram = buffer[..(int)received];
        return true;
    }

    public void Dispose() => _handle.Dispose();

    /// <summary>False when the time is over; a signal may end the wait early.</summary>
    private bool WaitReadable(TimeSpan within)
    {
        if (within <= TimeSpan.Zero)
            return false;
        var entry = new NetlinkNative.PollEntry { Descriptor = (int)_handle.DangerousGetHandle(), Events = NetlinkNative.PollIn };
        var ready = NetlinkNative.Poll(&entry, 1, (int)Math.Min(Math.Ceiling(within.TotalMilliseconds), int.MaxValue));
        return ready switch
        {
            > 0 => true,
            0 => false,
            _ => Marshal.GetLastPInvokeError() == Interrupted ? true : throw Failed("poll"),
        };
    }

    private uint Bind()
    {
        var address = new NetlinkNative.SocketAddress { Family = NetlinkNative.AfNetlink };
        var length = (uint)sizeof(NetlinkNative.SocketAddress);
        if (NetlinkNative.Bind(_handle, &address, length) < 0 || NetlinkNative.GetName(_handle, &address, &length) < 0)
            throw Failed("bind");
        return address.Port;
    }

    private bool TrySet(int level, int option, int value) =>
        NetlinkNative.SetOption(_handle, level, option, &value, sizeof(int)) == 0;

    private static KernelException Failed(string action) =>
        new(new KernelError(action, "rtnetlink socket", null, Marshal.GetLastPInvokeError()));
}
