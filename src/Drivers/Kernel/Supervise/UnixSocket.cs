using System.Text;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>Unix stream sockets by path (unix(7)), as descriptors that can be handed over across exec.</summary>
internal static unsafe class UnixSocket
{
    private const int PathMax = 107; // sun_path without its NUL
    private const int Backlog = 128;

    /// <summary>Listens; what lies at the path is removed first, which only the holder of the lock may do.</summary>
    public static Fd Listen(string path)
    {
        var socket = Made(SuperviseNative.StreamCloseOnExec | SuperviseNative.NonBlocking, path);
        Libc.unlinkat(Libc.AT_FDCWD, path, 0);
        var address = stackalloc byte[2 + PathMax + 1];
        var length = Address(path, address);
        if (SuperviseNative.bind(socket.Number, address, length) != 0 || SuperviseNative.listen(socket.Number, Backlog) != 0)
        {
            var errno = Sys.LastError;
            socket.Dispose();
            throw Sys.Failure("bind", path, errno);
        }

        return socket;
    }

    /// <summary>A connection that blocks; null with the errno when nobody answers.</summary>
    public static (Fd? Socket, int Errno) Connect(string path)
    {
        var socket = Made(SuperviseNative.StreamCloseOnExec, path);
        var address = stackalloc byte[2 + PathMax + 1];
        var length = Address(path, address);
        while (SuperviseNative.connect(socket.Number, address, length) != 0)
            if (Sys.LastError != Errno.EINTR)
            {
                var errno = Sys.LastError;
                socket.Dispose();
                return (null, errno);
            }

        return (socket, 0);
    }

    /// <summary>A caller's connection that does not block; null with the errno: EAGAIN when there is none.</summary>
    public static (Fd? Socket, int Errno) Accept(Fd listener)
    {
        var number = SuperviseNative.accept4(listener.Number, null, null, SuperviseNative.NonBlocking | Libc.O_CLOEXEC);
        return number < 0 ? (null, Sys.LastError) : (new Fd(number), 0);
    }

    /// <summary>Who connected, as the kernel noted it then.</summary>
    public static (int Pid, uint Uid)? Peer(Fd socket)
    {
        SuperviseNative.Credentials who = default;
        var length = (uint)sizeof(SuperviseNative.Credentials);
        return SuperviseNative.getsockopt(socket.Number, SuperviseNative.SocketLevel, SuperviseNative.PeerCredentials, &who, &length) == 0 ? (who.Pid, who.Uid) : null;
    }

    /// <summary>Bytes sent, or minus the errno. A peer that is gone raises no signal.</summary>
    public static int Send(Fd socket, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* at = bytes)
            while (true)
            {
                var sent = SuperviseNative.send(socket.Number, at, (nuint)bytes.Length, SuperviseNative.NoSignal);
                if (sent >= 0)
                    return (int)sent;
                if (Sys.LastError != Errno.EINTR)
                    return -Sys.LastError;
            }
    }

    /// <summary>As <see cref="Send"/>, with a descriptor (SCM_RIGHTS of unix(7)) that comes with the first byte.</summary>
    public static int SendWith(Fd socket, ReadOnlySpan<byte> bytes, Fd passed)
    {
        var control = stackalloc byte[SuperviseNative.ControlLength];
        *(SuperviseNative.ControlHeader*)control = new SuperviseNative.ControlHeader
        {
            Length = (nuint)(sizeof(SuperviseNative.ControlHeader) + sizeof(int)),
            Level = SuperviseNative.SocketLevel,
            Type = SuperviseNative.Rights,
        };
        *(int*)(control + sizeof(SuperviseNative.ControlHeader)) = passed.Number;
        fixed (byte* at = bytes)
        {
            var vector = new SuperviseNative.Vector { At = at, Length = (nuint)bytes.Length };
            var message = new SuperviseNative.MessageHeader { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = SuperviseNative.ControlLength };
            while (true)
            {
                var sent = SuperviseNative.sendmsg(socket.Number, &message, SuperviseNative.NoSignal);
                if (sent >= 0)
                    return (int)sent;
                if (Sys.LastError != Errno.EINTR)
                    return -Sys.LastError;
            }
        }
    }

    /// <summary>Bytes received, 0 at the end, or minus the errno. Descriptors that come along are closed.</summary>
    public static int Receive(Fd socket, Span<byte> into)
    {
        var got = Receive(socket, into, out var passed);
        passed?.Dispose();
        return got;
    }

    /// <param name="passed">A descriptor that came along and is the caller's now; of several all but one are closed.</param>
    public static int Receive(Fd socket, Span<byte> into, out Fd? passed)
    {
        passed = null;
        // Room for one: the kernel closes what does not fit.
        var control = stackalloc byte[SuperviseNative.ControlLength];
        fixed (byte* at = into)
        {
            var vector = new SuperviseNative.Vector { At = at, Length = (nuint)into.Length };
            while (true)
            {
                var message = new SuperviseNative.MessageHeader { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = SuperviseNative.ControlLength };
                var got = SuperviseNative.recvmsg(socket.Number, &message, SuperviseNative.ReceiveCloseOnExec);
                if (got < 0 && Sys.LastError == Errno.EINTR)
                    continue;
                if (got < 0)
                    return -Sys.LastError;
                var header = (SuperviseNative.ControlHeader*)control;
                var length = (int)message.ControlLength;
                if (length < sizeof(SuperviseNative.ControlHeader) || header->Level != SuperviseNative.SocketLevel || header->Type != SuperviseNative.Rights)
                    return (int)got;
                var files = (int*)(control + sizeof(SuperviseNative.ControlHeader));
                var count = (Math.Min((int)header->Length, length) - sizeof(SuperviseNative.ControlHeader)) / sizeof(int);
                for (var i = 0; i < count; i++)
                {
                    passed?.Dispose();
                    passed = new Fd(files[i]);
                }

                return (int)got;
            }
        }
    }

    private static Fd Made(int type, string path)
    {
        var number = SuperviseNative.socket(SuperviseNative.Unix, type, 0);
        return number >= 0 ? new Fd(number) : throw Sys.Failure("socket", path, Sys.LastError);
    }

    // struct sockaddr_un: u16 family, char path[108].
    private static uint Address(string path, byte* to)
    {
        var bytes = Encoding.UTF8.GetBytes(path);
        if (bytes.Length > PathMax)
            throw new KernelException(new KernelError("bind", path, null, 36, $"a socket's path has at most {PathMax} bytes")); // ENAMETOOLONG
        *(ushort*)to = SuperviseNative.Unix;
        bytes.CopyTo(new Span<byte>(to + 2, bytes.Length));
        to[2 + bytes.Length] = 0;
        return (uint)(2 + bytes.Length + 1);
    }
}
