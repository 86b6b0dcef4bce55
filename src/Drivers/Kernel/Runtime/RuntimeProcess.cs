using System.Runtime.InteropServices;
using Provision.Kernel.Supervise;
using Provision.Reconciler;

namespace Provision.Kernel.Runtime;

/// <summary>The first process of a container that an earlier command created: told by pid and start time.</summary>
public static class RuntimeProcess
{
    private const int LowestKept = 3;
    private const int GetFlags = 1, CloseOnExec = 1;

    /// <summary>Field 22 of /proc/PID/stat; 0 when there is no such process.</summary>
    public static ulong StartTime(int pid) => ProcStat.Read(pid)?.StartTime ?? 0;

    /// <summary>A zombie has ended.</summary>
    public static bool IsAlive(int pid, ulong startTime) =>
        pid > 0 && ProcStat.Read(pid) is { IsZombie: false } stat && stat.StartTime == startTime;

    /// <summary>A pidfd; null when it has ended.</summary>
    public static SafeHandle? Open(int pid, ulong startTime) => pid > 0 ? PidFd.Open(pid, startTime) : null;

    /// <summary>Sends a signal; false when it has ended.</summary>
    public static bool Signal(int pid, ulong startTime, int signal)
    {
        if (!IsAlive(pid, startTime) || PidFd.Open(pid, startTime) is not { } process)
            return false;
        using (process)
            return PidFd.Signal(process, signal) is var errno and not 0 ? throw Sys.Failure("kill", $"process {pid}", errno) : true;
    }

    /// <summary>Sends a signal to whatever has this pid and is where <paramref name="still"/> says.</summary>
    public static void SignalIf(int pid, int signal, Func<IEnumerable<int>> still)
    {
        if (PidFd.Open(pid) is not { } process)
            return;
        using (process)
            if (still().Contains(pid))
                PidFd.Signal(process, signal);
    }

    /// <summary>The first of the descriptors from 3 on that was not given to this process; null when all were.</summary>
    public static int? Missing(int count)
    {
        for (var i = LowestKept; i < LowestKept + count; i++)
            // What this process opened itself is closed by exec.
            if (SuperviseNative.fcntl(i, GetFlags, 0) is < 0 or CloseOnExec)
                return i;
        return null;
    }

    /// <summary>Connects to a socket that takes a terminal's master.</summary>
    /// <exception cref="KernelException">Nobody listens there.</exception>
    public static SafeHandle Connect(string socket)
    {
        var (connected, errno) = UnixSocket.Connect(socket);
        return connected ?? throw Sys.Failure("connect", socket, errno);
    }

    /// <summary>Sends a terminal's master (SCM_RIGHTS).</summary>
    /// <param name="socket">From <see cref="Connect"/>.</param>
    public static void SendMaster(SafeHandle socket, SafeHandle master)
    {
        var number = SuperviseNative.fcntl((int)master.DangerousGetHandle(), SuperviseNative.Duplicate, LowestKept);
        if (number < 0)
            throw Sys.Failure("fcntl", "F_DUPFD_CLOEXEC", Sys.LastError);
        using var passed = new Fd(number);
        if (UnixSocket.SendWith((Fd)socket, "/dev/pts/ptmx"u8, passed) is var sent and < 0)
            throw Sys.Failure("sendmsg", "console socket", -sent);
    }
}
