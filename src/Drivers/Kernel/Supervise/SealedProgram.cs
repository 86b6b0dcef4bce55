using System.Globalization;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>
/// This program, run from memory that nobody can write. A process that enters a container shares its starter's
/// executable until it executes, and what it executes may be a script of the container's whose interpreter is
/// /proc/self/exe: then the host's program runs inside, and its file could be overwritten from there (CVE-2019-5736).
/// </summary>
internal static unsafe class SealedProgram
{
    private const int Write = 8; // F_SEAL_WRITE
    private const short HungUp = 0x10 | 0x8; // POLLHUP, POLLERR
    private const int Chunk = 4096;

    /// <summary>
    /// Returns when this process runs from sealed memory; else it becomes the same command from there: from the memory that
    /// the instance's supervisor runs from when that is the same build, from a copy otherwise.
    /// </summary>
    /// <exception cref="KernelException">That cannot be had; the command must not go on.</exception>
    public static void Become(SupervisorPaths paths)
    {
        const string self = "/proc/self/exe";
        var (own, errno) = Sys.Open(Libc.AT_FDCWD, self, Libc.O_RDONLY);
        if (own is null)
            throw Sys.Failure("open", self, errno);
        using (own)
        {
            if (IsSealed(own))
                return;
            using var program = OfSupervisor(paths, own) ?? ProgramFile.Copy(self);
            using var arguments = new Block("/proc/self/cmdline");
            using var environment = new Block("/proc/self/environ");
            SuperviseNative.execve(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{program.Number}"), arguments.Pointers, environment.Pointers);
            throw Sys.Failure("execve", "sealed copy of the program", Sys.LastError);
        }
    }

    /// <summary>True when the kernel lets nobody write the open file again.</summary>
    public static bool IsSealed(Fd file) =>
        SuperviseNative.fcntl(file.Number, SuperviseNative.GetSeals, 0) is >= 0 and var seals && (seals & Write) != 0;

    // Null when there is none, or it is another build. The pid is that of whoever listens on a socket that only root can
    // reach; that the connection stands after the opening proves that it was still that process which was opened.
    private static Fd? OfSupervisor(SupervisorPaths paths, Fd own)
    {
        var (socket, _) = UnixSocket.Connect(paths.Socket);
        if (socket is null)
            return null;
        using (socket)
        {
            if (UnixSocket.Peer(socket) is not { Uid: 0 } peer)
                return null;
            var (program, _) = Sys.Open(Libc.AT_FDCWD, string.Create(CultureInfo.InvariantCulture, $"/proc/{peer.Pid}/exe"), Libc.O_RDONLY);
            if (program is null)
                return null;
            var poll = new Libc.PollFd { Fd = socket.Number };
            if (Libc.poll(&poll, 1, 0) >= 0 && (poll.Revents & HungUp) == 0 && IsSealed(program) && BuildId.Of(program) is { } id && id == BuildId.Of(own))
                return program;
            program.Dispose();
            return null;
        }
    }

    /// <summary>The NUL-terminated strings of a file of /proc, as execve(2) wants them: byte for byte.</summary>
    private sealed class Block : IDisposable
    {
        private readonly byte* _bytes;

        public Block(string path)
        {
            var (file, errno) = Sys.Open(Libc.AT_FDCWD, path, Libc.O_RDONLY);
            if (file is null)
                throw Sys.Failure("open", path, errno);
            var all = new List<byte>();
            using (file)
            {
                var chunk = stackalloc byte[Chunk];
                nint got;
                while ((got = Sys.Read(file.Number, chunk, Chunk)) > 0)
                    all.AddRange(new ReadOnlySpan<byte>(chunk, (int)got));
                if (got < 0)
                    throw Sys.Failure("read", path, Sys.LastError);
            }

            if (all.Count > 0 && all[^1] != 0)
                all.Add(0);
            _bytes = (byte*)System.Runtime.InteropServices.NativeMemory.Alloc((nuint)Math.Max(1, all.Count));
            all.CopyTo(new Span<byte>(_bytes, all.Count));
            var starts = Enumerable.Range(0, all.Count).Where(i => i == 0 || all[i - 1] == 0).ToList();
            Pointers = (byte**)System.Runtime.InteropServices.NativeMemory.AllocZeroed((nuint)(starts.Count + 1), (nuint)sizeof(byte*));
            for (var i = 0; i < starts.Count; i++)
                Pointers[i] = _bytes + starts[i];
        }

        public byte** Pointers { get; }

        public void Dispose()
        {
            System.Runtime.InteropServices.NativeMemory.Free(Pointers);
            System.Runtime.InteropServices.NativeMemory.Free(_bytes);
        }
    }
}
