using Provision.Kernel.Logs;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>From launch to end.</summary>
internal sealed partial class Keeper
{
    // Rounds come quickly at first and then, where the kernel is slow to let go, less often.
    private const int QuickRounds = 20, QuickMilliseconds = 5, SlowMilliseconds = 50, LastResortRounds = 100, HopelessRounds = 600;

    private void Launch()
    {
        _stopWanted = false;
        SharedNamespaces? shared = null;
        try
        {
            shared = SharedNamespaces.Resolve(Order.Sandbox, _context.ProcessOf);
            LogFifo.Make(_context.Paths.Fifo(Order.Name), HostId(Order.Sandbox.IdMaps?.Uid, Order.Sandbox.User.Uid), HostId(Order.Sandbox.IdMaps?.Gid, Order.Sandbox.User.Gid));
            OpenLog();
            _cgroup.Thaw();
            Run = Run with { State = RunState.Starting, Pid = 0, StartTime = 0, OomBaseline = _cgroup.OomKills(), Trouble = _log!.Trouble, NextStart = null };
            if (_cgroup.WriteRun(Run) is { } error)
                throw new KernelException(error);
        }
        catch (KernelException refused)
        {
            shared?.Dispose();
            NotLaunched(refused.Error);
            return;
        }

        var order = Order with { Sandbox = shared.Spec };
        var fifo = _context.Paths.Fifo(order.Name);
        _context.Work.Post(
            () =>
            {
                using (shared)
                using (var output = LogFifo.OpenContainerEnd(fifo))
                    return _context.Launcher.Launch(order, output);
            },
            (launched, thrown) =>
            {
                if (launched is not null)
                    Launched(launched);
                else
                    NotLaunched(thrown is KernelException refused ? refused.Error : new KernelError("launch", order.Name, null, Errno.EIO, thrown?.Message));
            });
    }

    private void Launched(LaunchedContainer launched)
    {
        // Unreaped, so /proc has it whatever it did since, but when the host is out of descriptors. Without its start time
        // no successor could know it.
        var start = ProcStat.Read(launched.Pid)?.StartTime;
        Run = Run with { State = RunState.Running, Pid = launched.Pid, StartTime = start ?? 0, StartedAt = _context.Now };
        if (launched.Terminal is { } terminal)
            _log!.Connect(terminal);
        if (start is null)
            _failure = new KernelError("read", $"/proc/{launched.Pid}/stat", null, Errno.EIO, "the new process's start time cannot be read; it was killed");
        if (_cgroup.WriteRun(Run) is { } error)
            _failure ??= error with { Detail = "its run record cannot be kept; it was killed" };
        Watch(launched.Process);
        if (_failure is not null)
        {
            Run = Run with { Trouble = _failure.ToString() };
            _context.Note($"{Order.Name}: {_failure}");
            _stopWanted |= _onStarted.Count > 0;
            PidFd.Signal(launched.Process, SuperviseNative.SigKill);
            return;
        }

        Hold();
        // Who asked for a restart waits for the one after this.
        if (!_startWanted)
            Tell(_onStarted, null);
        if (_stopWanted)
            BeginStop();
    }

    private void NotLaunched(KernelError why)
    {
        _context.Note($"{Order.Name}: {why}");
        Run = Run with { Trouble = why.ToString() };
        // Who asked is told; who did not is served by the restart policy.
        var asked = _onStarted.Count > 0;
        if (asked)
            _stopWanted = true;
        Run = Run with { State = RunState.Failed };
        _failure = why;
        Empty(null);
    }

    private void Watch(Fd process)
    {
        _process = process;
        _context.Events.Add(process, Epoll.In, _ => Ended());
    }

    private void Ended()
    {
        var status = PidFd.ExitStatus(_process!, Run.Pid, Run.StartTime);
        Unwatch();
        _stopAt = null;
        Empty(status);
    }

    private void BeginStop()
    {
        Run = Run with { State = RunState.Stopping };
        Write();
        if (PidFd.Signal(_process!, Order.Stop.Signal) is var refused and not 0)
            _context.Note($"{Order.Name}: signal {Order.Stop.Signal}: {ErrnoNames.Describe(refused)}");
        _stopAt = _context.Ticks + Waits.Bounded(Order.Stop.TimeoutMilliseconds);
    }

    private void Kill()
    {
        if (_killing)
            return;
        _killing = true;
        _killRounds = 0;
        KillRound();
    }

    private void KillRound()
    {
        if (!_cgroup.Populated)
        {
            _killAt = null;
            _killing = false;
            // The pidfd tells the rest; without one, this was the rest.
            if (_process is null && _emptying)
                Finish();
            return;
        }

        _cgroup.KillRound(lastResort: ++_killRounds >= LastResortRounds);
        if (_killRounds == HopelessRounds)
            Hopeless();
        _killAt = _context.Ticks + (_killRounds < QuickRounds ? QuickMilliseconds : SlowMilliseconds);
    }

    // Half a minute of SIGKILL: who waits is told; the rounds go on.
    private void Hopeless()
    {
        var error = new KernelError("kill", Order.Name, string.Join(' ', _cgroup.Processes().Take(10)), Errno.EBUSY,
            "SIGKILL does not end it: it is frozen from outside, or waits in the kernel for what does not answer; it is tried on");
        _context.Note(error.ToString());
        Run = Run with { Trouble = error.ToString() };
        Write();
        _startWanted = false;
        Tell(_onStarted, error);
        Tell(_onStopped, error);
    }

    // The first process is gone; so must be what it left in the cgroup before anything else can be done there.
    private void Empty(int? status)
    {
        _endStatus = status;
        _emptying = true;
        if (_cgroup.Populated)
            Kill();
        else
            Finish();
    }

    private void Finish()
    {
        _emptying = false;
        _killing = false;
        _killAt = null;
        _cgroup.Thaw();
        _log?.Drain();
        CloseLogUnlessFull();

        var ran = Run.Pid > 0;
        var failure = _failure;
        _failure = null;
        var exit = ran ? new ContainerExit(_endStatus, _cgroup.OomKills() > Run.OomBaseline, _context.Now) : Run.LastExit;
        var took = ran ? TimeSpan.FromMilliseconds(Math.Max(_context.Now - Run.StartedAt, 0)) : TimeSpan.Zero;
        Run = Run with { Pid = 0, StartTime = 0, LastExit = exit };

        if (_stopWanted)
            Rest(failure is null ? RunState.Stopped : RunState.Failed);
        else
            Decide(ran ? exit!.Status : null, took, ran || failure is not null, failure is not null);

        if (failure is not null)
            Tell(_onStarted, failure);
        Tell(_onStopped, null);
        if (_startWanted)
        {
            _startWanted = false;
            Run = Run with { Restarts = 0, InARow = 0 };
            Launch();
        }
    }

    private void Rest(RunState state)
    {
        Run = Run with { State = state, NextStart = null };
        Write();
    }

    private void Decide(int? status, TimeSpan took, bool something, bool failed)
    {
        if (!something)
        {
            Rest(Run.State);
            return;
        }

        var decision = RestartPolicy.Decide(Order.Restart, status, took, Run.InARow);
        Run = Run with { InARow = decision.InARow };
        if (!decision.Restart)
        {
            if (decision.GaveUp && Run.Trouble is null)
                Run = Run with { Trouble = $"given up after {Run.InARow} restarts" };
            Rest(decision.GaveUp || failed ? RunState.Failed : RunState.Exited);
            return;
        }

        _startAt = _context.Ticks + (long)decision.Delay.TotalMilliseconds;
        Run = Run with { State = RunState.Waiting, NextStart = _context.Now + (long)decision.Delay.TotalMilliseconds };
        Write();
    }

    private void OpenLog() => _log ??= new ContainerLog(_context, Order.Name, Order.Logging, LogFifo.OpenReader(_context.Paths.Fifo(Order.Name)), LogTrouble);

    // The last words of one that ended on a full disk are in the pipe as long as somebody holds it: until they are
    // written, or the next run writes behind them.
    private void CloseLogUnlessFull()
    {
        if (_log?.Trouble is not null)
            return;
        _log?.Dispose();
        _log = null;
        _context.Store.GiveUp(HeldName);
    }

    private void LogTrouble(string? trouble)
    {
        // When it goes on, what else is wrong stays told.
        if (trouble is null && Run.Trouble?.StartsWith(ContainerLog.Refusal, StringComparison.Ordinal) != true)
            return;
        Run = Run with { Trouble = trouble };
        Write();
        if (trouble is not null)
            _context.Note($"{Order.Name}: {trouble}");
    }

    // The host's id of one inside; the same where nothing is mapped.
    private static uint HostId(IReadOnlyList<Sandbox.IdRange>? ranges, uint inside)
    {
        if (ranges is null)
            return inside;
        foreach (var range in ranges)
            if (inside >= range.Container && inside - range.Container < range.Count)
                return range.Host + (inside - range.Container);
        return inside;
    }
}
