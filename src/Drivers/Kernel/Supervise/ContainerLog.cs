using Provision.Kernel.Logs;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>
/// The way of one running container's output into its log: watches its FIFO or its terminal, moves bytes, waits out a
/// full disk. What a terminal says goes through the FIFO: splice(2) moves between a pipe and something else.
/// </summary>
internal sealed class ContainerLog : IDisposable
{
    /// <summary>How what is told of a log that takes nothing begins.</summary>
    public const string Refusal = "the log takes nothing, output waits in the pipe: ";

    private const long Share = 1 << 20, LastShare = 16 << 20;
    private const long RetryMilliseconds = 500;

    private readonly SupervisorContext _context;
    private readonly LogWriter _writer;
    private readonly Action<string?> _trouble;
    private Fd? _watched;

    /// <param name="fifo">The read end.</param>
    /// <param name="trouble">Told when the log refuses bytes, and null when it takes them again.</param>
    public ContainerLog(SupervisorContext context, string name, LoggingSpec limits, Fd fifo, Action<string?> trouble)
    {
        _context = context;
        _writer = new LogWriter(context.Paths.LogOf(name), limits, context.Time);
        _trouble = trouble;
        Fifo = fifo;
        Watch();
    }

    public Fd Fifo { get; }

    /// <summary>The master of the container's terminal; null when it has none.</summary>
    public Fd? Terminal { get; private set; }

    public LoggingSpec Limits { set => _writer.Limits = value; }

    /// <summary>When <see cref="Retry"/> is due, in <see cref="SupervisorContext.Ticks"/>; null when it is not.</summary>
    public long? RetryAt { get; private set; }

    /// <summary>Why it takes nothing; null when it does.</summary>
    public string? Trouble { get; private set; }

    /// <summary>The container's output comes by this terminal from now on.</summary>
    public void Connect(Fd terminal)
    {
        Unwatch();
        Terminal = terminal;
        // What a killed supervisor had moved no further than the FIFO.
        Pump(Share);
        if (RetryAt is null)
            Watch();
    }

    public void Retry() => Pump(Share);

    /// <summary>Moves what is left when nothing of the container runs any more; bounded, since others could hold the pipe.</summary>
    public void Drain() => Pump(LastShare);

    public void Dispose()
    {
        Unwatch();
        _writer.Dispose();
        Fifo.Dispose();
        Terminal?.Dispose();
    }

    private void Watch()
    {
        if (_watched is not null)
            return;
        _watched = Terminal ?? Fifo;
        _context.Events.Add(_watched, Epoll.In, _ => Pump(Share));
    }

    private void Unwatch()
    {
        if (_watched is not null)
            _context.Events.Remove(_watched);
        _watched = null;
    }

    private void Pump(long share)
    {
        var (result, said) = (new PumpResult(0, PumpEnd.Empty), TerminalEnd.Empty);
        for (long moved = 0; moved < share; moved += Math.Max(result.Moved, 1))
        {
            if (Terminal is not null)
                said = LogTerminal.Move(Terminal, Fifo);
            result = _writer.Pump(Fifo, share);
            if (result.End == PumpEnd.Refused || Terminal is null || said != TerminalEnd.More)
                break;
        }

        if (result.End == PumpEnd.Refused)
        {
            if (Trouble is null)
            {
                Trouble = Refusal + ErrnoNames.Describe(result.Errno);
                _trouble(Trouble);
            }

            Later();
        }
        else
        {
            RetryAt = null;
            if (Trouble is not null)
            {
                Trouble = null;
                _trouble(null);
            }

            // A terminal that nobody has open polls as hung up for as long as that is so; somebody may open it again.
            if (said == TerminalEnd.HungUp)
                Later();
            else
                Watch();
        }
    }

    private void Later()
    {
        RetryAt = _context.Ticks + RetryMilliseconds;
        Unwatch();
    }
}
