using Provision.Reconciler;

namespace Provision.Kernel.Netlink;

/// <summary>
/// Performs <see cref="RtnetlinkOperation"/>s: names become indexes in one batch of RTM_GETLINK, then fifty
/// messages a send. Nothing is remembered between calls, so a link that was replaced meanwhile is found anew.
/// </summary>
public sealed class RtnetlinkExecutor : IOperationExecutor, IDisposable
{
    private const int MessagesASend = 50;
    private const int NoSuchDevice = 19; // ENODEV
    private const int Cancelled = 125; // ECANCELED

    private readonly Lock _turn = new();
    private readonly RtnetlinkReader _reader = new();
    private readonly ChangeChannel _channel = new(new NetlinkSocket());
    private readonly NetlinkWriter _batch = new();

    /// <summary>Opens its sockets in the network namespace of the calling thread.</summary>
    /// <exception cref="KernelException">The sockets cannot be had.</exception>
    public RtnetlinkExecutor()
    {
    }

    public bool Handles(Operation operation) => operation is RtnetlinkOperation;

    public IReadOnlyList<KernelError?> Execute(IReadOnlyList<Operation> independent, CancellationToken cancel)
    {
        var errors = new KernelError?[independent.Count];
        var operations = independent.Cast<RtnetlinkOperation>().ToArray();
        lock (_turn)
        {
            try
            {
                var links = _reader.ReadLinks(operations.SelectMany(static o => o.Needs));
                var single = RemoveMany(operations, links, errors);
                Perform(operations, single, links, errors, cancel);
            }
            catch (KernelException lookup)
            {
                for (var i = 0; i < errors.Length; i++)
                    errors[i] ??= lookup.Error;
            }
        }

        return errors;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _channel.Dispose();
    }

    /// <summary>Deletes in bulk what can go by group; returns the places of the operations that are left.</summary>
    private List<int> RemoveMany(RtnetlinkOperation[] operations, LinkTable links, KernelError?[] errors)
    {
        var all = Enumerable.Range(0, operations.Length);
        var doomed = all.Where(i => operations[i] is LinkDelete && links.Find(operations[i].Link) is not null).ToList();
        if (doomed.Count < BulkDelete.WorthIt)
            return [.. all];
        var left = new List<int>(all.Except(doomed));
        foreach (var group in doomed.GroupBy(i => LinkGroups.DoomedOf(links.Find(operations[i].Link)!.Group)))
        {
            var places = group.ToList();
            if (group.Key is not { } target || places.Count < BulkDelete.WorthIt)
            {
                left.AddRange(places);
                continue;
            }

            var outcome = BulkDelete.Perform(_channel, _batch, [.. places.Select(i => links.Find(operations[i].Link)!)], target);
            for (var i = 0; i < places.Count; i++)
                errors[places[i]] = outcome[i] is { } answer ? Error(operations[places[i]], answer) : null;
        }

        return left;
    }

    private void Perform(RtnetlinkOperation[] operations, List<int> places, LinkTable links, KernelError?[] errors, CancellationToken cancel)
    {
        var indexes = new LinkIndexes(links.Links.ToDictionary(static l => l.Name, static l => l.Index));
        var owners = new List<int>(MessagesASend);
        _batch.Clear();
        foreach (var place in places)
        {
            var operation = operations[place];
            if (operation.Needs.FirstOrDefault(name => links.Find(name) is null) is { } missing)
            {
                errors[place] = new KernelError(operation.Request, operation.Object, operation.Text, NoSuchDevice, $"there is no link {missing}");
                continue;
            }

            operation.Write(_batch, indexes);
            while (owners.Count < _batch.Messages)
                owners.Add(place);
            if (owners.Count >= MessagesASend)
                Flush(operations, owners, errors, cancel);
        }

        Flush(operations, owners, errors, cancel);
    }

    private void Flush(RtnetlinkOperation[] operations, List<int> owners, KernelError?[] errors, CancellationToken cancel)
    {
        if (owners.Count == 0)
            return;
        try
        {
            if (cancel.IsCancellationRequested)
                throw new KernelException(new KernelError("send", "rtnetlink", null, Cancelled, "not sent: the run was cancelled"));
            var answers = _channel.Exchange(_batch);
            for (var i = 0; i < answers.Length; i++)
                if (answers[i].Errno != 0)
                    errors[owners[i]] ??= Error(operations[owners[i]], answers[i]);
        }
        catch (KernelException failed)
        {
            // Nothing is known of what was sent: every operation of the batch carries the error, and the
            // reconciler's next look tells which of them happened.
            foreach (var place in owners)
                errors[place] ??= failed.Error with { Object = operations[place].Object, Value = operations[place].Text };
        }

        _batch.Clear();
        owners.Clear();
    }

    private static KernelError Error(RtnetlinkOperation operation, NetlinkAnswer answer)
    {
        var details = new[] { answer.Message, operation.Explain(answer.Errno) }.Where(static d => !string.IsNullOrEmpty(d));
        var detail = string.Join("; ", details);
        return new KernelError(operation.Request, operation.Object, operation.Text, answer.Errno, detail.Length == 0 ? null : detail);
    }
}
