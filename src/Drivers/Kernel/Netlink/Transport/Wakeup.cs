using System.Runtime.InteropServices;
using Provision.Reconciler;

namespace Provision.Kernel.Netlink;

/// <summary>Lets a thread sleep until a socket has something or another thread says stop (an eventfd), without polling.</summary>
internal sealed unsafe class Wakeup : IDisposable
{
    private const int CloseOnExec = 0x80000; // EFD_CLOEXEC
    private const int Interrupted = 4; // EINTR

    private readonly NetlinkHandle _event;

    public Wakeup()
    {
        _event = new NetlinkHandle(NetlinkNative.EventDescriptor(0, CloseOnExec));
        if (_event.IsInvalid)
            throw Failed("eventfd");
    }

    public void Signal()
    {
        ulong one = 1;
        NetlinkNative.Write(_event, &one, sizeof(ulong));
    }

    /// <summary>True when the socket has something (an error too), false when stop was said.</summary>
    public bool WaitFor(NetlinkSocket socket)
    {
        var entries = stackalloc NetlinkNative.PollEntry[2];
        entries[0] = new NetlinkNative.PollEntry { Descriptor = (int)_event.DangerousGetHandle(), Events = NetlinkNative.PollIn };
        entries[1] = new NetlinkNative.PollEntry { Descriptor = (int)socket.Handle.DangerousGetHandle(), Events = NetlinkNative.PollIn };
        while (NetlinkNative.Poll(entries, 2, -1) < 0)
            if (Marshal.GetLastPInvokeError() != Interrupted)
                throw Failed("poll");
        return entries[0].Returned == 0;
    }

    public void Dispose() => _event.Dispose();

    private static KernelException Failed(string action) =>
        new(new KernelError(action, "rtnetlink events", null, Marshal.GetLastPInvokeError()));
}
