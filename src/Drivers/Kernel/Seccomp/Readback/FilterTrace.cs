using System.Collections.Immutable;

namespace Provision.Kernel.Seccomp;

/// <summary>How a reading ended.</summary>
internal enum TraceEnd
{
    Read,

    /// <summary>The task ended, or is not (or no longer) the one that was meant.</summary>
    Gone,

    /// <summary>It cannot be traced, or its filters cannot be had: <see cref="TraceResult.Errno"/>.</summary>
    Refused,

    /// <summary>It did not stop in time. It is traced until the calling thread ends, so that thread must.</summary>
    DidNotStop,
}

/// <param name="Programs">Oldest first; empty unless <paramref name="End"/> is Read.</param>
/// <param name="Request">What was refused: <c>PTRACE_SEIZE</c>.</param>
internal sealed record TraceResult(TraceEnd End, ImmutableArray<SeccompProgram> Programs, string? Request = null, int Errno = 0);

/// <summary>
/// Reads a task's filters: seize, interrupt, wait for any stop, read, let go. A signal that came first is a stop as good
/// as any, and is handed over on letting go; a task that job control had stopped stays stopped.
/// </summary>
internal static class FilterTrace
{
    // A sibling can load another filter onto the stopped task (SECCOMP_FILTER_FLAG_TSYNC); more than a few times is no accident.
    private const int Attempts = 5;

    /// <summary>A process can load thousands, and asking for one costs the kernel a walk over all.</summary>
    public const int MostFilters = 64;

    /// <summary>E2BIG: there are more.</summary>
    public const int TooMany = 7;

    private const string GetFilter = "PTRACE_SECCOMP_GET_FILTER";

    /// <param name="isMeant">Asked while it stands still, when its number cannot become another's: is it the one?</param>
    /// <param name="count">Seccomp_filters of it now; null where the kernel does not tell.</param>
    /// <param name="patience">How long it may take to stop.</param>
    public static TraceResult Read(ITracee tracee, Func<bool> isMeant, Func<int?> count, TimeSpan patience, TimeProvider time)
    {
        if (tracee.Seize() is not 0 and var refused)
            return Failed("PTRACE_SEIZE", refused);
        if (tracee.Interrupt() is not 0 and var unheard)
            return Failed("PTRACE_INTERRUPT", unheard);
        var started = time.GetTimestamp();
        TraceStop? stop;
        while ((stop = tracee.Wait()) is null)
            if (time.GetElapsedTime(started) > patience)
                return new TraceResult(TraceEnd.DidNotStop, []);
        if (stop is not { Ended: false, Signal: var signal })
            return new TraceResult(TraceEnd.Gone, []);
        try
        {
            return isMeant() ? Filters(tracee, count) : new TraceResult(TraceEnd.Gone, []);
        }
        finally
        {
            // It can only fail for a task that was killed meanwhile.
            tracee.Detach(signal);
        }
    }

    private static TraceResult Filters(ITracee tracee, Func<int?> count)
    {
        var result = Once(tracee);
        for (var attempt = 1; Moved(result, count); attempt++)
            result = attempt < Attempts ? Once(tracee) : Failed(GetFilter, Errno.EAGAIN);
        return result;
    }

    private static bool Moved(TraceResult result, Func<int?> count) =>
        result.End == TraceEnd.Read && count() is { } now && now != result.Programs.Length;

    private static TraceResult Once(ITracee tracee)
    {
        var programs = ImmutableArray.CreateBuilder<SeccompProgram>();
        while (programs.Count <= MostFilters)
        {
            var (bytes, errno) = tracee.Filter(programs.Count);
            if (bytes is not null && SeccompProgram.Read(bytes) is { } program)
                programs.Add(program);
            else if (errno == Errno.ENOENT)
                return new TraceResult(TraceEnd.Read, programs.ToImmutable());
            else
                return Failed(GetFilter, bytes is null ? errno : Errno.EINVAL);
        }

        return Failed(GetFilter, TooMany);
    }

    private static TraceResult Failed(string request, int errno) =>
        errno == PtraceNative.NoSuchProcess ? new TraceResult(TraceEnd.Gone, []) : new TraceResult(TraceEnd.Refused, [], request, errno);
}
