using Provision.Kernel.Logs;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>
/// Keeps one container as its order says: launches it, notices its end, starts it again, stops it. Every state it
/// enters is written to the leaf cgroup before it is acted upon by others. Belongs to the loop's thread.
/// </summary>
internal sealed partial class Keeper
{
    private const int Cancelled = 125; // ECANCELED

    private readonly SupervisorContext _context;
    private readonly LeafCgroup _cgroup;
    private readonly List<Action<KernelError?>> _onStarted = [];
    private readonly List<Action<KernelError?>> _onStopped = [];
    private readonly List<Action<KernelError?>> _onRemoved = [];
    private Fd? _process;
    private ContainerLog? _log;
    private bool _stopWanted;
    private bool _startWanted;
    private bool _killing;
    private int _killRounds;
    private int? _endStatus;
    private KernelError? _failure;
    private bool _emptying;
    private long? _stopAt;
    private long? _killAt;
    private long? _startAt;

    public Keeper(SupervisorContext context, ContainerOrder order, ContainerRun? run = null)
    {
        _context = context;
        _cgroup = new LeafCgroup(context.Cgroups, order.Cgroup);
        Order = order;
        Run = run ?? new ContainerRun(RunState.Stopped, 0, 0, 0, 0, 0, 0);
    }

    public ContainerOrder Order { get; private set; }

    public ContainerRun Run { get; private set; }

    public ContainerStatus Status => new(Order.Name, Order.Cgroup, Run);

    /// <summary>The first process while it runs; the descriptor stays the keeper's.</summary>
    public (int Pid, Fd Process)? Running => Run.State == RunState.Running && _process is not null ? (Run.Pid, _process) : null;

    /// <summary>True while something of it may run.</summary>
    public bool Busy => Run.State is RunState.Starting or RunState.Running or RunState.Stopping || _emptying;

    /// <summary>From the order to remove it on: nothing starts it any more.</summary>
    public bool Removing { get; set; }

    /// <summary>When <see cref="OnDue"/> has something to do, in <see cref="SupervisorContext.Ticks"/>.</summary>
    public long? Due => Earliest(Earliest(_stopAt, _killAt), Earliest(_startAt, _log?.RetryAt));

    /// <summary>Writes the order and the run record, so that a successor finds both.</summary>
    /// <exception cref="KernelException">The run directory or the leaf refuses.</exception>
    public void Persist()
    {
        AtomicFile.Write(_context.Paths.Order(Order.Name), System.Text.Encoding.UTF8.GetBytes(SuperviseJson.Text(Order)), LogWriter.FileMode, durable: false);
        if (_cgroup.WriteRun(Run) is { } error)
            throw new KernelException(error);
    }

    /// <summary>Starts it now; told when its program runs or why not.</summary>
    public void Start(Action<KernelError?> told)
    {
        if (Busy || Removing)
        {
            told(Removing ? BeingRemoved("start")
                : _stopWanted
                ? new KernelError("start", Order.Name, null, Errno.EBUSY, "it is being stopped")
                : new KernelError("start", Order.Name, null, Errno.EEXIST, $"it runs already{(Run.Pid > 0 ? $", pid {Run.Pid}" : "")}"));
            return;
        }

        _onStarted.Add(told);
        _startAt = null;
        Run = Run with { Restarts = 0, InARow = 0 };
        Launch();
    }

    /// <summary>Told when nothing of it runs any more. What was to be started after an earlier stop is not.</summary>
    public void Stop(Action<KernelError?> told)
    {
        if (_startWanted)
        {
            _startWanted = false;
            Tell(_onStarted, new KernelError("start", Order.Name, null, Cancelled, "it was told to stop before it was started again"));
        }

        End(told);
    }

    /// <summary>Stops it, if it runs, and starts it.</summary>
    public void Restart(Action<KernelError?> told)
    {
        if (Removing)
        {
            told(BeingRemoved("restart"));
            return;
        }

        _startWanted = true;
        _onStarted.Add(told);
        End(static _ => { });
    }

    /// <summary>Told by <see cref="Removed"/>.</summary>
    public void OnRemoved(Action<KernelError?> told) => _onRemoved.Add(told);

    public void Removed(KernelError? error) => Tell(_onRemoved, error);

    private void End(Action<KernelError?> told)
    {
        _onStopped.Add(told);
        _startAt = null;
        _stopWanted = true;
        switch (Run.State)
        {
            case RunState.Starting or RunState.Stopping:
                break;
            case RunState.Running when !_emptying:
                BeginStop();
                break;
            default:
                if (!_emptying)
                    Empty(null);
                break;
        }
    }

    public void OnDue()
    {
        var now = _context.Ticks;
        if (_log?.RetryAt <= now)
        {
            _log!.Retry();
            if (!Busy)
                CloseLogUnlessFull();
        }

        if (_stopAt <= now)
        {
            _stopAt = null;
            Kill();
        }

        if (_killAt <= now)
            KillRound();
        if (_startAt <= now)
        {
            _startAt = null;
            Run = Run with { Restarts = Run.Restarts + 1, NextStart = null };
            Launch();
        }
    }

    /// <summary>Goes on with what another keeper of the same container could not write yet.</summary>
    public void TakeLog(Keeper? from)
    {
        if (from?._log is { } log)
            _log = new ContainerLog(_context, Order.Name, Order.Logging, Exec.Lift(log.Fifo), LogTrouble);
    }

    /// <summary>Lets go of the container without touching it.</summary>
    public void Release()
    {
        Unwatch();
        _log?.Dispose();
        _log = null;
    }

    private KernelError BeingRemoved(string verb) => new(verb, Order.Name, null, Errno.EBUSY, "it is being removed");

    private void Write()
    {
        // A leaf that somebody removed has nothing to tell to; the container in it is gone with it.
        if (_cgroup.WriteRun(Run) is { } error && error.Errno != Errno.ENOENT)
            _context.Note($"{Order.Name}: {error}");
    }

    private void Tell(List<Action<KernelError?>> waiting, KernelError? error)
    {
        var all = waiting.ToArray();
        waiting.Clear();
        foreach (var told in all)
            told(error);
    }

    private void Unwatch()
    {
        if (_process is null)
            return;
        _context.Events.Remove(_process);
        _process.Dispose();
        _process = null;
    }

    private static long? Earliest(long? one, long? other) => one is null ? other : other is null ? one : Math.Min(one.Value, other.Value);
}
