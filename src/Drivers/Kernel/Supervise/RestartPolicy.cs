namespace Provision.Kernel.Supervise;

/// <summary>What is to be done after a run.</summary>
/// <param name="Restart">False: it stays as it is.</param>
/// <param name="Delay">How long to wait before.</param>
/// <param name="InARow">Restarts without a healthy run, this one included; what the next decision starts from.</param>
/// <param name="GaveUp">True when only the number of retries kept it from another.</param>
internal readonly record struct RestartDecision(bool Restart, TimeSpan Delay, int InARow, bool GaveUp = false);

/// <summary>Whether and when a container that ended by itself is started again; pure.</summary>
internal static class RestartPolicy
{
    /// <param name="status">128 + signal for a signal; null when nobody knows, which is no success.</param>
    /// <param name="ran">How long the run took; zero for one that could not be started.</param>
    /// <param name="inARow">Restarts without a healthy run so far.</param>
    public static RestartDecision Decide(RestartSpec spec, int? status, TimeSpan ran, int inARow)
    {
        if (ran.TotalMilliseconds >= spec.ResetAfterMilliseconds && ran > TimeSpan.Zero)
            inARow = 0;
        if (spec.Policy == RestartPolicyKind.Never || (spec.Policy == RestartPolicyKind.OnFailure && status == 0))
            return new RestartDecision(false, TimeSpan.Zero, inARow);
        return spec.MaxRetries > 0 && inARow >= spec.MaxRetries
            ? new RestartDecision(false, TimeSpan.Zero, inARow, GaveUp: true)
            : new RestartDecision(true, Delay(spec, inARow), inARow == int.MaxValue ? inARow : inARow + 1);
    }

    // Doubles with each restart in a row, up to the longest; the shift is bounded so that it cannot overflow.
    private static TimeSpan Delay(RestartSpec spec, int inARow)
    {
        var initial = Waits.Bounded(spec.InitialMilliseconds);
        var longest = Math.Max(Waits.Bounded(spec.MaxMilliseconds), initial);
        return TimeSpan.FromMilliseconds(inARow >= 62 || initial > longest >> inARow ? longest : initial << inARow);
    }
}
