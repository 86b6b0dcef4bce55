using System.Runtime.InteropServices;
using System.Text;

namespace Provision.Kernel.Supervise;

/// <summary>
/// Descriptors with names in the receive queue of a socket (unix(7), SCM_RIGHTS): what is sent and not received stays
/// open for as long as somebody has the socket, whoever sent it.
/// </summary>
internal sealed unsafe partial class FdQueue : IDisposable
{
    private const int SeqPacket = 5 | 0x80000 | 0x800; // SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK
    private const int SendBufferForce = 32, Rights = 1; // SO_SNDBUFFORCE, SCM_RIGHTS
    private const int Peeking = 2, CloseOnExec = 0x40000000; // MSG_PEEK, MSG_CMSG_CLOEXEC
    private const int QueueBytes = 64 << 20, NameMax = 255, FilesMax = 8, ControlHeader = 16;

    private FdQueue(Fd sender, Fd receiver) => (Sender, Receiver) = (sender, receiver);

    public Fd Sender { get; }

    public Fd Receiver { get; }

    /// <exception cref="Reconciler.KernelException">There are no more descriptors.</exception>
    public static FdQueue Make()
    {
        var ends = stackalloc int[2];
        if (socketpair(SuperviseNative.Unix, SeqPacket, 0, ends) != 0)
            throw Sys.Failure("socketpair", "fd store", Sys.LastError);
        // Some thousand containers fit in; without the right to force it some hundred do.
        var bytes = QueueBytes;
        _ = setsockopt(ends[0], SuperviseNative.SocketLevel, SendBufferForce, &bytes, sizeof(int));
        return new FdQueue(new Fd(ends[0]), new Fd(ends[1]));
    }

    /// <summary>The same queue by other descriptors.</summary>
    public static FdQueue Of(Fd sender, Fd receiver) => new(sender, receiver);

    /// <summary>0 or the errno: EAGAIN when it is full.</summary>
    public int Send(string name, params ReadOnlySpan<Fd> files)
    {
        var text = stackalloc byte[NameMax];
        var control = stackalloc byte[ControlHeader + (FilesMax * sizeof(int))];
        var vector = new Vector { Base = text, Length = (nuint)Encoding.UTF8.GetBytes(name, new Span<byte>(text, NameMax)) };
        var message = new Message { Vectors = &vector, VectorCount = 1 };
        if (!files.IsEmpty)
        {
            // struct cmsghdr: size_t length, int level, int type, then the descriptors.
            message.Control = control;
            message.ControlLength = (nuint)(ControlHeader + (((files.Length * sizeof(int)) + 7) & ~7));
            *(nuint*)control = (nuint)(ControlHeader + (files.Length * sizeof(int)));
            *(int*)(control + 8) = SuperviseNative.SocketLevel;
            *(int*)(control + 12) = Rights;
            for (var i = 0; i < files.Length; i++)
                ((int*)(control + ControlHeader))[i] = files[i].Number;
        }

        nint sent;
        do
            sent = sendmsg(Sender.Number, &message, SuperviseNative.NoSignal);
        while (sent < 0 && Sys.LastError == Errno.EINTR);
        return sent < 0 ? Sys.LastError : 0;
    }

    /// <summary>The first, which stays in the queue; its descriptors are copies and the caller's. Null when there is none.</summary>
    public (string Name, List<Fd> Files)? Peek()
    {
        var text = stackalloc byte[NameMax];
        var control = stackalloc byte[ControlHeader + (FilesMax * sizeof(int))];
        var message = new Message { Control = control, ControlLength = ControlHeader + (FilesMax * sizeof(int)) };
        var got = Receive(&message, text, Peeking | CloseOnExec);
        if (got <= 0)
            return null;
        var files = new List<Fd>();
        if (message.ControlLength >= ControlHeader && *(int*)(control + 12) == Rights)
            for (var at = (byte*)ControlHeader; (nuint)at + sizeof(int) <= *(nuint*)control; at += sizeof(int))
                files.Add(new Fd(*(int*)(control + (nuint)at)));
        return (Encoding.UTF8.GetString(text, (int)got), files);
    }

    /// <summary>Takes the first out of the queue; its descriptors are closed.</summary>
    public void Pop()
    {
        var text = stackalloc byte[NameMax];
        Message message = default;
        Receive(&message, text, 0);
    }

    public void Dispose()
    {
        Sender.Dispose();
        Receiver.Dispose();
    }

    private nint Receive(Message* message, byte* text, int flags)
    {
        var vector = new Vector { Base = text, Length = NameMax };
        message->Vectors = &vector;
        message->VectorCount = 1;
        nint got;
        do
            got = recvmsg(Receiver.Number, message, flags);
        while (got < 0 && Sys.LastError == Errno.EINTR);
        message->Vectors = null;
        return got;
    }

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Vector
    {
        public byte* Base;
        public nuint Length;
    }

    /// <summary>struct msghdr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public void* Name;
        public uint NameLength;
        public Vector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socketpair(int domain, int type, int protocol, int* ends);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(int socket, int level, int name, void* value, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendmsg(int socket, Message* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recvmsg(int socket, Message* message, int flags);
}
