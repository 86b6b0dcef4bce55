using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>
/// Notices when somebody else keeps undoing our repairs, and stops the fight: five repairs of one resource within ten
/// seconds, or thirty within ten minutes, and it is left alone for a minute, then twice as long each time, up to a
/// quarter of an hour. New manifests end all truces.
/// </summary>
public sealed class Contention(TimeProvider time)
{
    private static readonly (int Repairs, TimeSpan Within)[] Limits =
        [(5, TimeSpan.FromSeconds(10)), (30, TimeSpan.FromMinutes(10))];

    private static readonly TimeSpan FirstTruce = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestTruce = TimeSpan.FromMinutes(15);

    private sealed class Record
    {
        public Queue<DateTimeOffset> Repairs { get; } = new();

        public DateTimeOffset Since { get; set; }

        public DateTimeOffset Until { get; set; }

        public TimeSpan Truce { get; set; }
    }

    private readonly Dictionary<ResourceId, Record> _records = [];

    /// <summary>Counts one repair of what had been right before.</summary>
    public void Repaired(ResourceId id)
    {
        if (!_records.TryGetValue(id, out var record))
            _records[id] = record = new Record();
        record.Repairs.Enqueue(time.GetUtcNow());
        if (record.Repairs.Count > Limits[^1].Repairs)
            record.Repairs.Dequeue();
    }

    /// <summary>True when one more repair would be too many: a truce begins instead of it.</summary>
    public bool EndsHere(ResourceId id)
    {
        var now = time.GetUtcNow();
        if (!_records.TryGetValue(id, out var record) ||
            !Array.Exists(Limits, l => record.Repairs.Count(r => now - r <= l.Within) >= l.Repairs))
            return false;

        record.Repairs.Clear();
        record.Truce = record.Truce == default ? FirstTruce : Min(record.Truce * 2, LongestTruce);
        (record.Since, record.Until) = (now, now + record.Truce);
        return true;
    }

    public bool IsContended(ResourceId id) => _records.TryGetValue(id, out var record) && time.GetUtcNow() < record.Until;

    /// <summary>The resources that are left alone now, and since when.</summary>
    public IEnumerable<(ResourceId Id, DateTimeOffset Since, DateTimeOffset Until)> Truces =>
        _records.Where(r => IsContended(r.Key)).Select(static r => (r.Key, r.Value.Since, r.Value.Until));

    public void Forget() => _records.Clear();

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
