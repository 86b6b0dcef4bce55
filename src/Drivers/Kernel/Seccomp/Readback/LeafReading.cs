using System.Globalization;
using Provision.Kernel.Supervise;

namespace Provision.Kernel.Seccomp;

/// <summary>One reading of what runs in a cgroup, with bounds on what a container can cost its reader.</summary>
internal sealed class LeafReading(Func<IEnumerable<int>> members, bool confined, Freezer freezer, TimeProvider time, TimeSpan patience)
{
    private const int MostTraced = 500, MostThreads = 20_000, MostLate = 4, Attempts = 3;

    private string? _refused = FilterRefusal.Beforehand(ThreadStatus.Own());
    private int _traced, _late, _threads;

    public LiveFilters Read()
    {
        var pids = members().Distinct().ToList();
        var tasks = new List<TaskFilters>();
        var seen = 0;
        foreach (var pid in pids.TakeWhile(_ => _threads < MostThreads))
        {
            tasks.AddRange(Process(pid));
            seen++;
        }

        return new LiveFilters([.. tasks], seen == pids.Count ? null : string.Create(
            CultureInfo.InvariantCulture, $"{pids.Count - seen} of {pids.Count} processes were not looked at, since those before them have {MostThreads} threads"));
    }

    private IEnumerable<TaskFilters> Process(int pid)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (ProcStat.Read(pid) is not { } stat)
                return [];
            var groups = TaskGroups.Of(pid, MostThreads - _threads);
            var tasks = groups.Select(g => Task(pid, stat.StartTime, g, isLast: attempt == Attempts)).ToList();
            // A thread that ended while it was looked at stood for others: ask again who there is.
            if (tasks.Contains(null) && attempt < Attempts)
                continue;
            _threads += groups.Sum(static g => g.Threads);
            return tasks.OfType<TaskFilters>();
        }
    }

    private TaskFilters? Task(int pid, ulong startTime, TaskGroup group, bool isLast)
    {
        var counted = new TaskFilters(pid, group.Task, group.Threads, group.Status.Mode == 1, group.Status.Filters);
        if (confined && group.Status.Mode == 0 && _late < MostLate)
        {
            if (!Arriving.Wait(pid, patience, time))
                _late++;
            else if (ThreadStatus.Read(pid, group.Task) is not { Mode: 0 })
                return null; // it has arrived, or is gone
        }

        if (group.Status.Mode != 2)
            return counted with { Programs = [] };
        if (Spared(pid, group.Status) is { } spared)
            return counted with { Why = spared };
        _traced++;
        var result = OnThreadOfItsOwn(() => FilterTrace.Read(
            new Tracee(group.Task),
            () => ProcStat.Read(pid) is { } now && now.StartTime == startTime && ThreadStatus.Read(pid, group.Task) is not null && members().Contains(pid),
            () => ThreadStatus.Read(pid, group.Task)?.Filters,
            patience,
            time));
        var status = ThreadStatus.Read(pid, group.Task);
        switch (result.End)
        {
            case TraceEnd.Read:
                return counted with { Programs = result.Programs, Count = result.Programs.Length };
            case TraceEnd.Gone:
                return isLast && status is { IsEnded: false } ? counted with { Why = "its threads end before they can be looked at" } : null;
            case TraceEnd.DidNotStop:
                _late++;
                return counted with { Why = FilterRefusal.DidNotStop(patience, status) };
            default:
                var why = FilterRefusal.Of(result, status);
                if (FilterRefusal.IsForAll(result))
                    _refused = why;
                return counted with { Why = why };
        }
    }

    // What need not be disturbed, since nothing would come of it.
    private string? Spared(int pid, ThreadStatus status) =>
        _refused
        ?? (status.Filters > FilterTrace.MostFilters ? FilterRefusal.TooMany : null)
        ?? (_traced >= MostTraced ? string.Create(CultureInfo.InvariantCulture, $"{MostTraced} of the container were looked at before it") : null)
        ?? (_late >= MostLate ? "too many others did not stop in time" : null)
        ?? (freezer.Holds(pid) ? "it is frozen (freezer of cgroup v1)" : null);

    // The tracer is a thread. What did not stop is let go when its tracer ends, and by nothing else.
    private static T OnThreadOfItsOwn<T>(Func<T> body)
    {
        T? result = default;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = body();
            }
            catch (Exception thrown)
            {
                failure = thrown;
            }
        })
        { Name = "tracer", IsBackground = true };
        thread.Start();
        thread.Join();
        return failure is null ? result! : throw failure;
    }
}
