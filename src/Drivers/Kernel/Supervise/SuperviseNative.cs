using System.Runtime.InteropServices;

namespace Provision.Kernel.Supervise;

/// <summary>The system calls of supervising, as libc has them; errno through <see cref="Sys.LastError"/>.</summary>
internal static unsafe partial class SuperviseNative
{
    public const int SigKill = 9;
    public const int FcntlGetFlags = 1, FcntlSetFlags = 2, CloseOnExec = 1; // F_GETFD, F_SETFD, FD_CLOEXEC
    public const int Duplicate = 1030; // F_DUPFD_CLOEXEC
    public const int AddSeals = 1033, GetSeals = 1034, AllSeals = 0xF; // F_ADD_SEALS, F_GET_SEALS; SEAL, SHRINK, GROW, WRITE
    public const uint MemoryCloseOnExec = 1, MemoryAllowSealing = 2; // MFD_*
    public const int SetDumpable = 4; // PR_SET_DUMPABLE
    public const int SetSubreaper = 36; // PR_SET_CHILD_SUBREAPER
    public const int NewUts = 0x04000000, NewNet = 0x40000000; // CLONE_NEW*
    public const int Unix = 1, StreamCloseOnExec = 1 | 0x80000, NonBlocking = 0x800; // AF_UNIX, SOCK_*
    public const int SocketLevel = 1, PeerCredentials = 17, Rights = 1; // SOL_SOCKET, SO_PEERCRED, SCM_RIGHTS
    public const int NoSignal = 0x4000, ReceiveCloseOnExec = 0x40000000; // MSG_NOSIGNAL, MSG_CMSG_CLOEXEC
    public const int ControlLength = 24; // CMSG_SPACE(sizeof(int))
    public const int WaitPidFd = 3, WaitExited = 4, WaitNoHang = 1; // P_PIDFD, WEXITED, WNOHANG
    public const int EpollAdd = 1, EpollDelete = 2, EpollModify = 3;

    // The same on x86-64 and arm64: numbers from 424 on are shared.
    public const long PidFdSendSignalNumber = 424, PidFdOpenNumber = 434, CloseRangeNumber = 436, PidFdGetFdNumber = 438;
    public const int CloseRangeOnExec = 4; // CLOSE_RANGE_CLOEXEC

    /// <summary>struct rlimit64.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }

    /// <summary>struct ucred.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Credentials
    {
        public int Pid;
        public uint Uid;
        public uint Gid;
    }

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Vector
    {
        public byte* At;
        public nuint Length;
    }

    /// <summary>struct msghdr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public byte* Name;
        public uint NameLength;
        public Vector* Vectors;
        public nuint VectorCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
    }

    /// <summary>struct cmsghdr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ControlHeader
    {
        public nuint Length;
        public int Level;
        public int Type;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    public static partial long Call(long number, long first, long second, long third, long fourth);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int waitid(int kind, uint id, byte* info, int options);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int waitpid(int pid, int* status, int options);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ioctl(int file, nuint request, void* argument);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport("libc", EntryPoint = "prlimit64", SetLastError = true)]
    public static partial int prlimit(int pid, int resource, Limit* set, Limit* old);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setns(int file, int kind);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int unshare(int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int sethostname(byte* name, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int gethostname(byte* name, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fcntl(int file, int command, nint argument);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int memfd_create(string name, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint sendfile(int to, int from, long* offset, nuint count);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int execve(string path, byte** arguments, byte** environment);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fchown(int file, uint uid, uint gid);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int pipe2(int* ends, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int bind(int socket, byte* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int connect(int socket, byte* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int listen(int socket, int backlog);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int accept4(int socket, byte* address, uint* length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getsockopt(int socket, int level, int name, void* value, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint send(int socket, byte* bytes, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint sendmsg(int socket, MessageHeader* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recvmsg(int socket, MessageHeader* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_ctl(int poll, int operation, int file, byte* wanted);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_wait(int poll, byte* events, int most, int milliseconds);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_adddup2(byte* actions, int from, int to);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setsigmask(byte* attributes, byte* mask);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setsigdefault(byte* attributes, byte* mask);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_destroy(byte* attributes);

    // Returns the errno instead of setting it.
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int posix_spawn(int* pid, string path, byte* actions, byte* attributes, byte** arguments, byte** environment);
}
