using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>Taking over a container from a supervisor that is gone, and handing it to the next.</summary>
internal sealed partial class Keeper
{
    /// <summary>
    /// Goes on from what the kernel says, whatever state the last supervisor died in: a process that still runs is
    /// watched again, one that ended unseen has an unknown status, and a launch that was cut short is swept away.
    /// </summary>
    public void Adopt()
    {
        switch (Run.State)
        {
            case RunState.Running or RunState.Stopping:
                _stopWanted = Run.State == RunState.Stopping;
                ReopenLog();
                if (PidFd.Open(Run.Pid, Run.StartTime) is not { } process)
                {
                    Empty(null);
                    break;
                }

                if (_stopWanted)
                    _stopAt = _context.Ticks + Waits.Bounded(Order.Stop.TimeoutMilliseconds);
                Watch(process);
                break;
            case RunState.Starting:
                _failure = new KernelError("launch", Order.Name, null, Errno.EINTR, "the supervisor was killed while it launched this container");
                Run = Run with { Trouble = _failure.ToString() };
                ReopenLog();
                Empty(null);
                break;
            case RunState.Waiting:
                LostInThePipe();
                ScheduleStart();
                break;
            default:
                LostInThePipe();
                break;
        }
    }

    // Nobody but the last supervisor held the pipe of a container that had ended.
    private void LostInThePipe()
    {
        if (Run.Trouble?.StartsWith(ContainerLog.Refusal, StringComparison.Ordinal) != true)
            return;
        Run = Run with { Trouble = "the supervisor was killed while the log took nothing; the last output, at most what a pipe holds, is lost" };
        Write();
        _context.Note($"{Order.Name}: {Run.Trouble}");
    }

    /// <summary>What the next program of this process needs to know; the descriptors stay open.</summary>
    public HandoverContainer Handover() => new(
        Order, Run, _process?.Number ?? -1, _log?.Fifo.Number ?? -1,
        _stopAt is { } at ? _context.Now + (at - _context.Ticks) : null);

    /// <summary>True when nothing is under way that a handover would lose.</summary>
    public bool Settled => !_emptying && _onStarted.Count == 0 && _onStopped.Count == 0 && _onRemoved.Count == 0;

    /// <summary>The descriptors that must survive exec(2).</summary>
    public IEnumerable<Fd> Kept => [.. _process is null ? Array.Empty<Fd>() : [_process], .. _log is null ? Array.Empty<Fd>() : [_log.Fifo]];

    /// <summary>Goes on from what the last program of this process handed over.</summary>
    public void TakeOver(HandoverContainer from)
    {
        if (from.Fifo >= 0)
            _log = new ContainerLog(_context, Order.Name, Order.Logging, new Fd(from.Fifo), LogTrouble);
        _stopWanted = Run.State == RunState.Stopping;
        if (from.StopDeadline is { } deadline)
            _stopAt = _context.Ticks + Waits.Bounded(deadline - _context.Now);
        if (from.Process >= 0)
            Watch(new Fd(from.Process));
        else if (Run.State is RunState.Starting or RunState.Running or RunState.Stopping)
            Empty(null);
        else if (Run.State == RunState.Waiting)
            ScheduleStart();
    }

    private void ScheduleStart() =>
        _startAt = _context.Ticks + Math.Clamp((Run.NextStart ?? 0) - _context.Now, 0, Waits.Bounded(Order.Restart.MaxMilliseconds));

    // The pipe may be gone with the run directory; then there is a container without a log, which is told.
    private void ReopenLog()
    {
        try
        {
            OpenLog();
        }
        catch (KernelException gone)
        {
            LogTrouble(gone.Message);
        }
    }
}
