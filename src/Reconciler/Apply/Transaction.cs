namespace Provision.Reconciler;

/// <summary>
/// Runs tracks in waves (the next operation of every track that is ready is one batch), remembers what was done,
/// and takes it back in reverse.
/// </summary>
internal sealed class Transaction(IReadOnlyList<IOperationExecutor> executors, TransientRetry retry, IApplyProgress progress)
{
    private readonly List<List<(Track Track, Operation Operation)>> _waves = [];
    private readonly List<OperationFailure> _failures = [];

    public IReadOnlyList<OperationFailure> Failures => _failures;

    public bool DidIrreversible { get; private set; }

    public int Performed => _waves.Sum(static w => w.Count);

    /// <summary>The resources on which something was done that is not taken back yet.</summary>
    public IReadOnlySet<Spec.ResourceId> Touched =>
        _waves.SelectMany(static w => w).Select(static s => s.Track.Id).OfType<Spec.ResourceId>().ToHashSet();

    /// <summary>Runs one stage to its end; false at the first failure or when cancelled between two waves.</summary>
    public bool Run(IReadOnlyList<Track> stage, CancellationToken cancel)
    {
        var open = stage.Where(static t => !t.Done).ToList();
        while (open.Count > 0)
        {
            if (cancel.IsCancellationRequested)
                return false;
            var ready = open.FindAll(static t => t.Ready);
            if (ready.Count == 0)
                throw new InvalidOperationException("operations wait for each other in a circle");
            if (!Wave(ready))
                return false;
            open.RemoveAll(static t => t.Done);
        }

        return true;
    }

    /// <summary>Takes everything back, newest first; returns what refused.</summary>
    public List<OperationFailure> Unwind()
    {
        var refused = new List<OperationFailure>();
        for (var i = _waves.Count - 1; i >= 0; i--)
        {
            var steps = _waves[i].Where(static s => s.Operation.Undo is not null).ToList();
            var errors = Execute([.. steps.Select(static s => s.Operation.Undo!)]);
            for (var n = 0; n < steps.Count; n++)
            {
                progress.Undone(steps[n].Track.Id, steps[n].Operation.Undo!, errors[n]);
                if (errors[n] is { } error)
                    refused.Add(new OperationFailure(steps[n].Track.Id, steps[n].Operation.Undo!, error));
            }
        }

        _waves.Clear();
        return refused;
    }

    private bool Wave(List<Track> ready)
    {
        var batch = ready.ConvertAll(static t => (Track: t, Operation: t.Operations[t.Position]));
        var errors = Execute([.. batch.Select(static s => s.Operation)]);
        var done = new List<(Track, Operation)>();
        var failed = false;
        for (var i = 0; i < batch.Count; i++)
        {
            var (track, operation) = batch[i];
            progress.Performed(track.Id, operation, errors[i]);
            if (errors[i] is { } error)
            {
                _failures.Add(new OperationFailure(track.Id, operation, error));
                failed = true;
                if (!error.Halfway)
                    continue;
            }
            else
                track.Position++;

            done.Add(batch[i]);
            DidIrreversible |= operation.Irreversible;
        }

        _waves.Add(done);
        return !failed;
    }

    private KernelError?[] Execute(IReadOnlyList<Operation> batch)
    {
        var errors = new KernelError?[batch.Count];
        foreach (var executor in executors)
        {
            var mine = Enumerable.Range(0, batch.Count).Where(i => executor.Handles(batch[i])).ToArray();
            if (mine.Length == 0)
                continue;
            var results = retry.Execute(
                [.. mine.Select(i => batch[i])], operations => executor.Execute(operations, CancellationToken.None));
            for (var n = 0; n < mine.Length; n++)
                errors[mine[n]] = results[n];
        }

        return errors;
    }
}
