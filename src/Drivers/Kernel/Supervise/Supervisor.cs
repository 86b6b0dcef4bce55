using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>
/// The supervisor of one instance: one loop that waits for ends of processes, output, callers and times, and acts on
/// each. What it knows is in the kernel and in the run directory, so that it can be killed at any moment.
/// </summary>
internal sealed class Supervisor : IDisposable
{
    private const int CallersMax = 256;
    private const int TooManyHere = 24, TooManyAtAll = 23; // EMFILE, ENFILE
    private const long DeafMilliseconds = 500;
    private static readonly TimeSpan IdleAtStart = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan IdleAfterWork = TimeSpan.FromSeconds(1);

    private readonly SupervisorContext _context;
    private readonly Fd _lock;
    private readonly Fd _listener;
    private readonly OwnCgroup _own;
    private readonly Dictionary<string, Keeper> _keepers = new(StringComparer.Ordinal);
    private readonly HashSet<Conversation> _callers = [];
    private readonly Verbs _verbs;
    private readonly long _began;
    private long? _hearAt;
    private bool _served;
    private long? _tidyAt;

    public Supervisor(SupervisorContext context, Fd instanceLock, Fd listener, int generation = 0)
    {
        _context = context;
        _lock = instanceLock;
        _listener = listener;
        _own = new OwnCgroup(context.Cgroups, context.Paths.Cgroup);
        Generation = generation;
        _began = context.Ticks;
        _verbs = new Verbs(this, context, _keepers);
        _context.ProcessOf = name => _keepers.GetValueOrDefault(name)?.Running;
        _context.Events.Add(listener, Epoll.In, _ => Accept());
    }

    public int Generation { get; }

    /// <summary>Set by a caller who wants this process to become another program, with the descriptor of that program.</summary>
    public (Conversation Asker, Fd Program)? Successor { get; set; }

    /// <summary>Ends the loop from outside, for tests within one process; containers are let go of.</summary>
    public CancellationToken Cancel { get; init; }

    /// <summary>Takes over every container of the instance that the kernel and the run directory know.</summary>
    public void Adopt()
    {
        Enter();
        var held = _context.Store.TakeOver();
        foreach (var (order, run) in Adoption.Find(_context))
        {
            var keeper = new Keeper(_context, order, run);
            _keepers[order.Name] = keeper;
            Guarded(() => keeper.Adopt(held));
        }

        GiveUp(held);
        _served = _keepers.Count > 0;
    }

    /// <summary>Takes over what the last program of this process handed over.</summary>
    public void TakeOver(HandoverState state)
    {
        Enter();
        var held = _context.Store.TakeOver();
        foreach (var container in state.Containers)
        {
            var keeper = new Keeper(_context, container.Order, container.Run);
            _keepers[container.Order.Name] = keeper;
            Guarded(() => keeper.TakeOver(container));
        }

        GiveUp(held);
        _served = true;
        if (state.Asker >= 0)
            Greet(new Fd(state.Asker))?.Answer(Hello());
    }

    /// <summary>Runs until nothing is left to do; true when it is to become <see cref="Successor"/>.</summary>
    public bool Run()
    {
        using var cancelled = Cancel.Register(_context.Events.Wake);
        while (!Done && !Cancel.IsCancellationRequested)
        {
            if (Successor is not null && _context.Work.Idle && _keepers.Values.All(static k => k.Settled))
                return true;
            Guarded(() => _context.Events.Wait(Timeout()));
            Turn();
        }

        return false;
    }

    // What goes wrong with one container must not end the keeping of all others.
    private void Turn()
    {
        var worked = !_context.Work.Idle;
        while (_context.Work.Finished() is { } done)
            Guarded(done);
        var now = _context.Ticks;
        if (worked)
            _tidyAt = now + (long)IdleAfterWork.TotalMilliseconds;
        else if (_tidyAt <= now)
            Tidy();
        if (_hearAt <= now)
            Guarded(Hear);
        foreach (var keeper in _keepers.Values.Where(k => k.Due <= now).ToList())
            Guarded(keeper.OnDue);
    }

    // Launches leave their programs behind; once a burst of them is over, its memory goes back to the host.
    private void Tidy()
    {
        _tidyAt = null;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        OwnImage.Forget();
    }

    private void Guarded(Action act)
    {
        try
        {
            act();
        }
        catch (Exception failed)
        {
            _context.Note(failed is KernelException or IOException or UnauthorizedAccessException ? failed.Message : failed.ToString());
        }
    }

    /// <summary>Enters the supervisor's own cgroup as soon as there is one to be in.</summary>
    public void Enter()
    {
        _served |= _keepers.Count > 0;
        if (_own.Enter() is { } error)
            _context.Note($"supervisor cgroup: {error}");
    }

    /// <summary>Nothing is kept any more: the own cgroup goes, so that the instance's can.</summary>
    public void Emptied()
    {
        _served = true;
        _own.Leave();
    }

    public Response Hello() => new() { Pid = Environment.ProcessId, Generation = Generation };

    public HandoverState Handover(out List<Fd> kept)
    {
        kept = [_listener, _lock, .. _keepers.Values.SelectMany(static k => k.Kept)];
        // One that hung up meanwhile has no descriptor any more.
        var asker = Successor is { Asker: { IsGone: false } waiting } ? waiting.Socket : null;
        if (asker is not null)
            kept.Add(asker);
        return new HandoverState
        {
            Generation = Generation + 1,
            Listener = _listener.Number,
            Lock = _lock.Number,
            Asker = asker?.Number ?? -1,
            Containers = [.. _keepers.Values.Select(static k => k.Handover())],
        };
    }

    public void Dispose()
    {
        foreach (var keeper in _keepers.Values)
            keeper.Release();
        _context.Store.Release();
        foreach (var caller in _callers.ToList())
            caller.Dispose();
        _context.Events.Remove(_listener);
        _listener.Dispose();
        _lock.Dispose();
    }

    // A caller that is connected may be about to hand over an order.
    private bool Done => _keepers.Count == 0 && _callers.Count == 0 && _context.Work.Idle
        && (_served || _context.Ticks - _began >= (long)IdleAtStart.TotalMilliseconds);

    private int Timeout()
    {
        var due = _keepers.Values.Min(static k => k.Due);
        if (_keepers.Count == 0 && _callers.Count == 0)
            due = _began + (long)IdleAtStart.TotalMilliseconds;
        foreach (var other in (long?[])[_tidyAt, _hearAt])
            due = due is null ? other : other is null ? due : Math.Min(due.Value, other.Value);
        return due is null ? -1 : (int)Math.Clamp(due.Value - _context.Ticks, 0, int.MaxValue);
    }

    // What no container has any use for is of runs that ended before it was noted.
    private void GiveUp(Dictionary<string, List<Fd>> held)
    {
        var kept = _keepers.Values.Select(static k => k.HeldName).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, files) in held)
        {
            files.ForEach(static f => f.Dispose());
            if (!kept.Contains(name))
                _context.Store.GiveUp(name);
        }
    }

    private void Accept()
    {
        while (true)
        {
            var (socket, errno) = UnixSocket.Accept(_listener);
            if (socket is null)
            {
                if (errno is TooManyHere or TooManyAtAll)
                    Deafen(errno);
                return;
            }

            var peer = UnixSocket.Peer(socket);
            if (peer is not { Uid: 0 } || _callers.Count >= CallersMax)
            {
                socket.Dispose();
                continue;
            }

            Greet(socket);
        }
    }

    // Who knocks stays in the queue: to listen on without a descriptor to spare would be to turn in circles.
    private void Deafen(int errno)
    {
        if (_hearAt is null)
            _context.Note($"accept: {ErrnoNames.Describe(errno)}; callers wait");
        _context.Events.Remove(_listener);
        _hearAt = _context.Ticks + DeafMilliseconds;
    }

    private void Hear()
    {
        _hearAt = null;
        _context.Events.Add(_listener, Epoll.In, _ => Accept());
    }

    private Conversation? Greet(Fd socket)
    {
        try
        {
            var caller = new Conversation(_context.Events, socket, _verbs.Asked, c => _callers.Remove(c));
            _callers.Add(caller);
            return caller;
        }
        catch (KernelException gone)
        {
            socket.Dispose();
            _context.Note(gone.Message);
            return null;
        }
    }
}
