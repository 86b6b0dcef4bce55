using System.Runtime.InteropServices;

namespace Provision.Kernel.Netlink;

/// <summary>The system calls of netlink, as libc has them; errno through <see cref="Marshal.GetLastPInvokeError"/>.</summary>
internal static unsafe partial class NetlinkNative
{
    public const int AfNetlink = 16;
    public const int RawCloseOnExec = 3 | 0x80000; // SOCK_RAW | SOCK_CLOEXEC
    public const int RouteProtocol = 0; // NETLINK_ROUTE
    public const int SelinuxProtocol = 7; // NETLINK_SELINUX
    public const int SolSocket = 1;
    public const int SolNetlink = 270;
    public const int SendBufferForce = 32;
    public const int ReceiveBuffer = 8;
    public const int ReceiveBufferForce = 33;
    public const int AddMembership = 1;
    public const int CapAck = 10;
    public const int ExtAck = 11;
    public const int GetStrictCheck = 12;
    public const int Truncate = 0x20; // MSG_TRUNC
    public const int DoNotWait = 0x40; // MSG_DONTWAIT
    public const short PollIn = 1;
    public const int CloneNewNet = 0x40000000;

    /// <summary>struct sockaddr_nl.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct SocketAddress
    {
        public ushort Family;
        public ushort Padding;
        public uint Port;
        public uint Groups;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    /// <summary>struct timespec of a 64-bit system.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "clock_getres", SetLastError = true)]
    internal static partial int ClockResolution(int clock, TimeSpec* resolution);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    internal static partial int Socket(int domain, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    internal static partial int Bind(NetlinkHandle socket, SocketAddress* address, uint length);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    internal static partial int GetName(NetlinkHandle socket, SocketAddress* address, uint* length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    internal static partial int SetOption(NetlinkHandle socket, int level, int name, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    internal static partial nint Send(NetlinkHandle socket, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "recvfrom", SetLastError = true)]
    internal static partial nint Receive(NetlinkHandle socket, byte* buffer, nuint length, int flags, SocketAddress* from, uint* fromLength);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    internal static partial int Poll(PollEntry* entries, ulong count, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    internal static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    internal static partial nint Write(NetlinkHandle descriptor, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    internal static partial int SetNamespace(SafeHandle descriptor, int type);

    [LibraryImport("libc", EntryPoint = "close")]
    internal static partial int Close(nint descriptor);
}

/// <summary>A descriptor that is closed exactly once.</summary>
internal sealed class NetlinkHandle : SafeHandle
{
    public NetlinkHandle(int descriptor) : base(-1, ownsHandle: true) => SetHandle(descriptor);

    public override bool IsInvalid => handle == -1;

    protected override bool ReleaseHandle() => NetlinkNative.Close(handle) == 0;
}
