using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>What can be done with a pidfd (pidfd_open(2)): a process that cannot be mistaken for another.</summary>
internal static unsafe class PidFd
{
    /// <summary>128 + signal is a shell's word for death by signal.</summary>
    public const int SignalBase = 128;

    private const int NoSuchProcess = 3; // ESRCH

    // CAP_SYS_PTRACE: who lacks it may be told 0 for the exit code of another user's zombie.
    private static readonly Lazy<bool> MayTrace = new(static () => (StatusFile.Read(Environment.ProcessId)?.CapEffective & (1UL << 19)) != 0);

    /// <summary>The process with this pid if it is the one that started then; null when it is gone.</summary>
    public static Fd? Open(int pid, ulong startTime)
    {
        if (Open(pid) is not { } file)
            return null;
        // Asked after the opening: what has the time now is what the descriptor holds.
        if (ProcStat.Read(pid) is { } stat && stat.StartTime == startTime)
            return file;
        file.Dispose();
        return null;
    }

    /// <summary>Whoever has this pid now; null when nobody does. To be trusted once something else says that it is who was meant.</summary>
    public static Fd? Open(int pid)
    {
        var number = SuperviseNative.Call(SuperviseNative.PidFdOpenNumber, pid, 0, 0, 0);
        return number >= 0 ? new Fd((int)number)
            : Sys.LastError is NoSuchProcess or Errno.EINVAL ? null
            : throw Sys.Failure("pidfd_open", $"process {pid}", Sys.LastError);
    }

    /// <summary>Whether it has not been reaped: as long as this holds, nobody else has its pid.</summary>
    public static bool HoldsPid(Fd process) => SuperviseNative.Call(SuperviseNative.PidFdSendSignalNumber, process.Number, 0, 0, 0) == 0;

    /// <summary>A file of its /proc directory, which was that process's and not a successor's.</summary>
    /// <exception cref="KernelException">The process has ended, or the kernel refuses.</exception>
    public static Fd OpenFile(Fd process, int pid, string name, int flags)
    {
        var path = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/proc/{pid}/{name}");
        var (file, errno) = Sys.Open(Libc.AT_FDCWD, path, flags);
        if (file is null)
            throw Sys.Failure("open", path, errno);
        // Asked after the opening.
        if (HoldsPid(process))
            return file;
        file.Dispose();
        throw Sys.Failure("open", path, NoSuchProcess, detail: "the process has ended");
    }

    /// <summary>Whether the process has ended, reaped or not.</summary>
    public static bool HasEnded(Fd process)
    {
        const short readable = 1; // POLLIN
        var entry = new Libc.PollFd { Fd = process.Number, Events = readable };
        return Libc.poll(&entry, 1, 0) > 0;
    }

    /// <summary>0, or the errno; a process that is gone is fine.</summary>
    public static int Signal(Fd process, int signal) =>
        SuperviseNative.Call(SuperviseNative.PidFdSendSignalNumber, process.Number, signal, 0, 0) == 0 || Sys.LastError == NoSuchProcess ? 0 : Sys.LastError;

    /// <summary>
    /// How a process that has ended did so, and reaps it when it is ours: exit status or 128 + signal. Null when it
    /// cannot be known: another's child that was reaped, on a kernel before 6.15.
    /// </summary>
    public static int? ExitStatus(Fd process, int pid, ulong startTime)
    {
        // siginfo_t: int si_signo, si_errno, si_code, padding, then pid, uid, int si_status at 24.
        const int size = 128, signoAt = 0, codeAt = 8, statusAt = 24, exited = 1;
        var info = stackalloc byte[size];
        while (true)
        {
            new Span<byte>(info, size).Clear();
            if (SuperviseNative.waitid(SuperviseNative.WaitPidFd, (uint)process.Number, info, SuperviseNative.WaitExited | SuperviseNative.WaitNoHang) == 0)
            {
                if (*(int*)(info + signoAt) == 0)
                    break;
                var status = *(int*)(info + statusAt);
                return *(int*)(info + codeAt) == exited ? status : SignalBase + status;
            }

            if (Sys.LastError != Errno.EINTR)
                break;
        }

        // Not our child: a zombie still tells it, and after its parent has reaped it the pidfd does.
        if (Told(process) is { } told)
            return FromWait(told);
        if (ProcStat.Read(pid) is { IsZombie: true } stat && stat.StartTime == startTime && (stat.ExitCode != 0 || MayTrace.Value))
            return FromWait(stat.ExitCode);
        return Told(process) is { } late ? FromWait(late) : null;
    }

    /// <summary>A copy of one of the process's descriptors; null when there is none, or it may not be looked at.</summary>
    public static Fd? Take(Fd process, int number)
    {
        var copy = SuperviseNative.Call(SuperviseNative.PidFdGetFdNumber, process.Number, number, 0, 0);
        return copy < 0 ? null : new Fd((int)copy);
    }

    /// <summary>Waits for the process's end; false when it is late.</summary>
    public static bool Wait(Fd process, TimeSpan patience)
    {
        var polled = new Libc.PollFd { Fd = process.Number, Events = 1 };
        int ready;
        do
            ready = Libc.poll(&polled, 1, (int)patience.TotalMilliseconds);
        while (ready < 0 && Sys.LastError == Errno.EINTR);
        return ready > 0;
    }

    /// <summary>Lets go of a child that has ended; another's is none of ours.</summary>
    public static void Reap(Fd process)
    {
        const int size = 128;
        var info = stackalloc byte[size];
        _ = SuperviseNative.waitid(SuperviseNative.WaitPidFd, (uint)process.Number, info, SuperviseNative.WaitExited | SuperviseNative.WaitNoHang);
    }

    internal static int FromWait(int status) => (status & 0x7f) == 0 ? (status >> 8) & 0xff : SignalBase + (status & 0x7f);

    // PIDFD_GET_INFO, Linux 6.13, with PIDFD_INFO_EXIT, 6.15: only once the process has been reaped, and only for a
    // pidfd opened before that.
    private static int? Told(Fd process)
    {
        // struct pidfd_info of 6.15: u64 mask, u64 cgroupid, pid, tgid, ppid, 8 ids, exit_code.
        const int size = 64, exitAt = 60;
        const ulong wantExit = 1 << 3;
        const nuint request = (3U << 30) | (size << 16) | (0xFF << 8) | 11; // _IOWR(PIDFS_IOCTL_MAGIC, 11, struct pidfd_info)
        var info = stackalloc byte[size];
        new Span<byte>(info, size).Clear();
        *(ulong*)info = wantExit;
        return SuperviseNative.ioctl(process.Number, request, info) == 0 && (*(ulong*)info & wantExit) != 0 ? *(int*)(info + exitAt) : null;
    }
}
