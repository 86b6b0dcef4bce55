using System.Globalization;

namespace Provision.Kernel.Launch;

/// <summary>Waiting for children and signalling them.</summary>
internal static unsafe class Children
{
    private const int ClaimedExit = 1; // CLD_EXITED
    private const int NoProcess = 3; // ESRCH

    /// <summary>waitid(2); null when <paramref name="wait"/> is false and the child runs.</summary>
    public static ExitStatus? Reap(int type, uint id, bool wait)
    {
        LaunchNative.SigInfo info = default;
        int result;
        do
            result = LaunchNative.waitid(type, id, &info, LaunchNative.Exited | (wait ? 0 : LaunchNative.NoHang));
        while (result < 0 && Sys.LastError == Errno.EINTR);
        if (result < 0)
            throw Sys.Failure("waitid", id.ToString(CultureInfo.InvariantCulture), Sys.LastError);
        if (info.Pid == 0)
            return null;
        return info.Code == ClaimedExit ? new ExitStatus(info.Status, 0) : new ExitStatus(0, info.Status);
    }

    /// <summary>False when there is no such process any more.</summary>
    public static bool Signal(int pidFd, int signal)
    {
        if (LaunchNative.syscall(LaunchNative.PidFdSendSignal, pidFd, signal, 0, 0) == 0)
            return true;
        if (Sys.LastError == NoProcess)
            return false;
        throw Sys.Failure("pidfd_send_signal", pidFd.ToString(CultureInfo.InvariantCulture), Sys.LastError, signal.ToString(CultureInfo.InvariantCulture));
    }
}
