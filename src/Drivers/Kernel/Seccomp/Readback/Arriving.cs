using System.Globalization;

namespace Provision.Kernel.Seccomp;

/// <summary>Processes that are being put into a container: they enter its cgroup first and load its filter last, before they execute its program.</summary>
internal static class Arriving
{
    private const int FlagsField = 9, StateField = 3, MillisecondsBetween = 1;

    // PF_FORKNOEXEC, linux/sched.h: forked, and nothing executed since.
    private const uint ExecutedNothing = 0x40;

    /// <summary>True when it is not (or no longer) on its way: it may have arrived or ended; false when it took too long.</summary>
    public static unsafe bool Wait(int pid, TimeSpan patience, TimeProvider time)
    {
        var started = time.GetTimestamp();
        while (Is(pid))
        {
            if (time.GetElapsedTime(started) > patience)
                return false;
            Libc.poll(null, 0, MillisecondsBetween);
        }

        return true;
    }

    // Has no filter yet and has executed nothing yet.
    private static bool Is(int pid) =>
        ThreadStatus.Read(pid, pid) is { Mode: 0, IsEnded: false }
        && Flags(ProcText.Read(string.Create(CultureInfo.InvariantCulture, $"{pid}/stat")) ?? "") is { } flags && (flags & ExecutedNothing) != 0;

    /// <summary>Of /proc/PID/stat; null for text of another form. The name in it may hold anything.</summary>
    internal static uint? Flags(string stat)
    {
        var name = stat.LastIndexOf(')');
        if (name < 0 || name + 2 >= stat.Length)
            return null;
        var fields = stat[(name + 2)..].Split(' ');
        return fields.Length > FlagsField - StateField && uint.TryParse(fields[FlagsField - StateField], CultureInfo.InvariantCulture, out var flags) ? flags : null;
    }
}
