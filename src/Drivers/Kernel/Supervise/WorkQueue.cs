using System.Collections.Concurrent;

namespace Provision.Kernel.Supervise;

/// <summary>
/// Work that may take a while, on threads that stay for good: a launched process dies with the thread that launched it
/// until its program runs (PR_SET_PDEATHSIG). What came of it is handed back to the loop.
/// </summary>
internal sealed class WorkQueue : IDisposable
{
    private readonly WaitingList<(Func<object?> Work, Action<object?, Exception?> Done)> _waiting = new();
    private readonly ConcurrentQueue<Action> _finished = new();
    private readonly Action _wake;
    private int _underWay;

    /// <param name="wake">Makes the loop call <see cref="Finished"/>.</param>
    public WorkQueue(int threads, Action wake)
    {
        _wake = wake;
        for (var i = 0; i < threads; i++)
            new Thread(Run) { IsBackground = true, Name = "launch" }.Start();
    }

    /// <summary>True when nothing is under way and nothing is waiting to be handed back.</summary>
    public bool Idle => Volatile.Read(ref _underWay) == 0;

    /// <param name="done">Called by <see cref="Finished"/> with the result or with what was thrown.</param>
    public void Post<T>(Func<T> work, Action<T?, Exception?> done) where T : class
    {
        Interlocked.Increment(ref _underWay);
        _waiting.Add((work, (result, thrown) => done((T?)result, thrown)));
    }

    /// <summary>Hands back one thing that is done, to be called on the loop's thread; null when there is none.</summary>
    public Action? Finished()
    {
        if (!_finished.TryDequeue(out var done))
            return null;
        Interlocked.Decrement(ref _underWay);
        return done;
    }

    public void Dispose() => _waiting.Close();

    private void Run()
    {
        while (_waiting.Take(out var next))
        {
            var (work, done) = next;
            object? result = null;
            Exception? thrown = null;
            try
            {
                result = work();
            }
            catch (Exception e)
            {
                thrown = e;
            }

            _finished.Enqueue(() => done(result, thrown));
            _wake();
        }
    }
}
