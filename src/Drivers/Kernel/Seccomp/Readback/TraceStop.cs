namespace Provision.Kernel.Seccomp;

/// <summary>What waitpid(2) tells of a traced task.</summary>
/// <param name="Ended">It is no more.</param>
/// <param name="Signal">
/// The signal that it was about to be given when it stopped (signal-delivery-stop, ptrace(2)): who lets it go must hand
/// it over, or it is lost. 0 for a stop that was asked for, and for one of job control, which goes on by itself.
/// </param>
internal readonly record struct TraceStop(bool Ended, int Signal)
{
    private const int Stopped = 0x7f;

    /// <summary>From the status of waitpid(2).</summary>
    public static TraceStop Of(int status)
    {
        if ((status & 0xff) != Stopped)
            return new TraceStop(true, 0);
        // The event of a stop that is not a signal's delivery; PTRACE_EVENT_STOP is the only one that is asked for.
        var trapped = status >> 16;
        return new TraceStop(false, trapped == 0 ? (status >> 8) & 0xff : 0);
    }
}
