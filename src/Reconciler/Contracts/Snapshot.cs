namespace Provision.Reconciler;

/// <summary>
/// What one run has read of the kernel: every table (all links, the tree of cgroups) is loaded at most once,
/// when a driver first asks for it. A new run takes a new snapshot. Safe for one thread at a time.
/// </summary>
public sealed class Snapshot
{
    private readonly Dictionary<Type, object> _tables = [];

    public T Table<T>(Func<T> load) where T : class
    {
        if (_tables.TryGetValue(typeof(T), out var loaded))
            return (T)loaded;
        var table = load();
        _tables.Add(typeof(T), table);
        return table;
    }
}
