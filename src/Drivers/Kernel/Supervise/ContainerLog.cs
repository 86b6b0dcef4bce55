using Provision.Kernel.Logs;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>The way of one running container's output into its log: watches its FIFO, moves bytes, waits out a full disk.</summary>
internal sealed class ContainerLog : IDisposable
{
    /// <summary>How what is told of a log that takes nothing begins.</summary>
    public const string Refusal = "the log takes nothing, output waits in the pipe: ";

    private const long Share = 1 << 20, LastShare = 16 << 20;
    private const long RetryMilliseconds = 500;

    private readonly SupervisorContext _context;
    private readonly LogWriter _writer;
    private readonly Action<string?> _trouble;
    private bool _watched;

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

    public LoggingSpec Limits { set => _writer.Limits = value; }

    /// <summary>When <see cref="Retry"/> is due, in <see cref="SupervisorContext.Ticks"/>; null when it is not.</summary>
    public long? RetryAt { get; private set; }

    /// <summary>Why it takes nothing; null when it does.</summary>
    public string? Trouble { get; private set; }

    public void Retry() => Pump(Share);

    /// <summary>Moves what is left when nothing of the container runs any more; bounded, since others could hold the pipe.</summary>
    public void Drain() => Pump(LastShare);

    public void Dispose()
    {
        if (_watched)
            _context.Events.Remove(Fifo);
        _watched = false;
        _writer.Dispose();
        Fifo.Dispose();
    }

    private void Watch()
    {
        _context.Events.Add(Fifo, Epoll.In, _ => Pump(Share));
        _watched = true;
    }

    private void Pump(long share)
    {
        var result = _writer.Pump(Fifo, share);
        if (result.End == PumpEnd.Refused)
        {
            if (RetryAt is null)
            {
                Trouble = Refusal + ErrnoNames.Describe(result.Errno);
                _trouble(Trouble);
            }

            RetryAt = _context.Ticks + RetryMilliseconds;
            if (_watched)
                _context.Events.Remove(Fifo);
            _watched = false;
        }
        else if (RetryAt is not null)
        {
            RetryAt = null;
            Trouble = null;
            _trouble(null);
            Watch();
        }
    }
}
