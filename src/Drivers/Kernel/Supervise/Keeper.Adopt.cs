using System.Globalization;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>Taking over a container from a supervisor that is gone, and handing it to the next.</summary>
internal sealed partial class Keeper
{
    /// <summary>
    /// Goes on from what the kernel says, whatever state the last supervisor died in: a process that still runs is
    /// watched again, one that ended unseen has the status that the kernel kept, or an unknown one, and a launch that was
    /// cut short is swept away.
    /// </summary>
    /// <param name="held">What the store holds, by name; what is of use is taken out.</param>
    public void Adopt(Dictionary<string, List<Fd>> held)
    {
        switch (Run.State)
        {
            case RunState.Running or RunState.Stopping:
                _stopWanted = Run.State == RunState.Stopping;
                var (before, fifo, terminal) = held.Remove(HeldName, out var files) && files is [var first, var second, ..]
                    ? (first, second, files.ElementAtOrDefault(2))
                    : (null, null, null);
                ReopenLog(fifo);
                if (terminal is not null && _log is not null)
                    _log.Connect(terminal);
                else if (Order.Terminal)
                    LogTrouble("its terminal is lost: nobody held it when the last supervisor was killed");
                if (PidFd.Open(Run.Pid, Run.StartTime) is not { } process)
                {
                    // A descriptor from when it lived still tells how it ended.
                    var status = before is null ? null : PidFd.ExitStatus(before, Run.Pid, Run.StartTime);
                    before?.Dispose();
                    Empty(status);
                    break;
                }

                before?.Dispose();

                if (_stopWanted)
                    _stopAt = _context.Ticks + Waits.Bounded(Order.Stop.TimeoutMilliseconds);
                Watch(process);
                Hold();
                break;
            case RunState.Starting:
                _failure = new KernelError("launch", Order.Name, null, Errno.EINTR, "the supervisor was killed while it launched this container");
                Run = Run with { Trouble = _failure.ToString() };
                ReopenLog(null);
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
        _stopAt is { } at ? _context.Now + (at - _context.Ticks) : null, _log?.Terminal?.Number ?? -1);

    /// <summary>True when nothing is under way that a handover would lose.</summary>
    public bool Settled => !_emptying && _onStarted.Count == 0 && _onStopped.Count == 0 && _onRemoved.Count == 0;

    /// <summary>The descriptors that must survive exec(2).</summary>
    public IEnumerable<Fd> Kept => ((Fd?[])[_process, _log?.Fifo, _log?.Terminal]).OfType<Fd>();

    /// <summary>Goes on from what the last program of this process handed over.</summary>
    public void TakeOver(HandoverContainer from)
    {
        if (from.Fifo >= 0)
            _log = new ContainerLog(_context, Order.Name, Order.Logging, new Fd(from.Fifo), LogTrouble);
        if (from.Terminal >= 0)
            _log!.Connect(new Fd(from.Terminal));
        _stopWanted = Run.State == RunState.Stopping;
        if (from.StopDeadline is { } deadline)
            _stopAt = _context.Ticks + Waits.Bounded(deadline - _context.Now);
        if (from.Process >= 0)
        {
            Watch(new Fd(from.Process));
            Hold();
        }
        else if (Run.State is RunState.Starting or RunState.Running or RunState.Stopping)
            Empty(null);
        else if (Run.State == RunState.Waiting)
            ScheduleStart();
    }

    /// <summary>The name of this run's descriptors in the store.</summary>
    public string HeldName => string.Create(CultureInfo.InvariantCulture, $"{Order.Name} {Run.Pid} {Run.StartTime}");

    private void Hold()
    {
        if (_process is not null && _log is not null && !_context.Store.Holds(HeldName))
            _context.Store.Hold(HeldName, [_process, _log.Fifo, .. _log.Terminal is { } terminal ? (Fd[])[terminal] : []]);
    }

    private void ScheduleStart() =>
        _startAt = _context.Ticks + Math.Clamp((Run.NextStart ?? 0) - _context.Now, 0, Waits.Bounded(Order.Restart.MaxMilliseconds));

    // The pipe may be gone with the run directory; then there is a container without a log, which is told.
    private void ReopenLog(Fd? fifo)
    {
        if (fifo is not null)
        {
            _log = new ContainerLog(_context, Order.Name, Order.Logging, fifo, LogTrouble);
            return;
        }

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
