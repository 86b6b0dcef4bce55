using System.Diagnostics.CodeAnalysis;

namespace Provision.Kernel;

/// <summary>
/// Work that waits for threads of ours. Who waits for work sleeps in the kernel at once: spinning first, as the
/// library's collections do, takes the processor from what is launched.
/// </summary>
internal sealed class WaitingList<T>
{
    private readonly object _turn = new();
    private readonly Queue<T> _items = new();
    private bool _closed;

    public void Add(T item)
    {
        lock (_turn)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            _items.Enqueue(item);
            Monitor.Pulse(_turn);
        }
    }

    /// <summary>Waits for the next; false when there will be none.</summary>
    public bool Take([MaybeNullWhen(false)] out T item)
    {
        lock (_turn)
        {
            while (_items.Count == 0 && !_closed)
                Monitor.Wait(_turn);
            return _items.TryDequeue(out item);
        }
    }

    /// <summary>What waits is still handed out; then nothing.</summary>
    public void Close()
    {
        lock (_turn)
        {
            _closed = true;
            Monitor.PulseAll(_turn);
        }
    }
}
