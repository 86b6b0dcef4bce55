using Provision.Reconciler;

namespace Provision.Kernel.Netlink;

/// <summary>
/// Performs <see cref="RtnetlinkOperation"/>s: names become indexes in one batch of RTM_GETLINK, then fifty
/// messages a send, in the order given. Nothing is remembered between calls, so a link that was replaced meanwhile is found anew.
/// </summary>
public sealed class RtnetlinkExecutor : IOperationExecutor, IDisposable
{
    private const int MessagesASend = 50;
    private const int NoSuchDevice = 19; // ENODEV
    private const int Cancelled = 125; // ECANCELED

    private readonly Lock _turn = new();
    private readonly RtnetlinkReader _reader;
    private readonly ChangeChannel _channel;
    private readonly NetlinkWriter _batch = new();

    /// <summary>Opens its sockets in the network namespace of the calling thread.</summary>
    /// <exception cref="KernelException">The sockets cannot be had.</exception>
    public RtnetlinkExecutor()
        : this(NetlinkSocket.GenerousBuffer)
    {
    }

    /// <param name="receiveBuffer">Bytes for answers; what does not fit is lost.</param>
    internal RtnetlinkExecutor(int receiveBuffer)
        : this(receiveBuffer, null)
    {
    }

    /// <param name="buffer">Of <see cref="ReadChannel.BufferSize"/>, shared with what else the same thread uses.</param>
    internal RtnetlinkExecutor(int receiveBuffer, byte[]? buffer)
    {
        _reader = new RtnetlinkReader(buffer, int.MaxValue);
        _channel = new ChangeChannel(new NetlinkSocket(receiveBuffer), buffer);
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
                var meant = operations.Select(static o => o.Means?.Index ?? 0).Where(static i => i != 0).ToHashSet();
                var allowed = Allowed(operations, links, meant.Count == 0 ? links : _reader.ReadLinks(meant), errors);
                var single = cancel.IsCancellationRequested ? allowed : RemoveMany(operations, allowed, links, errors);
                Perform(operations, single, links, errors, cancel);
                RenameWhatIsUp(operations, links, errors, cancel);
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

    /// <summary>The places of the operations whose links are there and are those that were meant.</summary>
    private static List<int> Allowed(RtnetlinkOperation[] operations, LinkTable links, LinkTable meant, KernelError?[] errors)
    {
        var allowed = new List<int>(operations.Length);
        for (var place = 0; place < operations.Length; place++)
            if (Objection(operations[place], links, meant) is { } reason)
                errors[place] = new KernelError(operations[place].Request, operations[place].Object, operations[place].Text, NoSuchDevice, reason);
            else
                allowed.Add(place);
        return allowed;
    }

    private static string? Objection(RtnetlinkOperation operation, LinkTable links, LinkTable meant)
    {
        foreach (var name in operation.Needs)
            if (links.Find(name) is null)
                return $"there is no link {name}";
        foreach (var (name, index) in operation.Expects)
            if (links.Find(name) is { } found && found.Index != index)
                return $"{name} was replaced by another link since the plan was made";
        if (operation.Means is { } other && meant.Find(other.Index) is null)
            return $"{other.Name} is gone, or was replaced by another link since the plan was made";
        return links.Find(operation.Link) is { } link ? operation.Objection(link) : null;
    }

    /// <summary>
    /// Deletes in bulk what can go by group; returns the places of the operations that are left. Only links whose alias is
    /// a mark: it still says whose they are when they have left the instance's group.
    /// </summary>
    private List<int> RemoveMany(RtnetlinkOperation[] operations, List<int> places, LinkTable links, KernelError?[] errors)
    {
        var doomed = places.Where(i => operations[i] is LinkDelete && AliasMark.TryParse(links.Find(operations[i].Link)!.Alias) is not null).ToList();
        if (doomed.Count < BulkDelete.WorthIt)
            return places;
        var removal = new BulkDelete(_channel, _reader, LinkGroups.NewDoomed());
        var outcome = removal.Perform([.. doomed.Select(i => links.Find(operations[i].Link)!)]);
        for (var i = 0; i < doomed.Count; i++)
            errors[doomed[i]] = outcome[i] is { } answer ? Error(operations[doomed[i]], answer) : null;
        return [.. places.Except(doomed)];
    }

    private void RenameWhatIsUp(RtnetlinkOperation[] operations, LinkTable links, KernelError?[] errors, CancellationToken cancel)
    {
        for (var i = 0; i < operations.Length && !cancel.IsCancellationRequested; i++)
            if (operations[i] is LinkRename rename && errors[i] is { Errno: RenameWhileDown.Busy } && links.Find(rename.Link) is { Up: true } link)
                errors[i] = new RenameWhileDown(_channel, _reader).Perform(rename, link);
    }

    private void Perform(RtnetlinkOperation[] operations, List<int> places, LinkTable links, KernelError?[] errors, CancellationToken cancel)
    {
        var indexes = new LinkIndexes(links.Links.ToDictionary(static l => l.Name, static l => l.Index));
        var owners = new List<int>(MessagesASend);
        _batch.Clear();
        foreach (var place in places)
        {
            operations[place].Write(_batch, indexes);
            while (owners.Count < _batch.Messages)
                owners.Add(place);
            if (owners.Count >= MessagesASend)
                Flush(operations, owners, indexes, errors, cancel);
        }

        Flush(operations, owners, indexes, errors, cancel);
    }

    private void Flush(RtnetlinkOperation[] operations, List<int> owners, LinkIndexes indexes, KernelError?[] errors, CancellationToken cancel)
    {
        if (owners.Count == 0)
            return;
        try
        {
            if (cancel.IsCancellationRequested)
                throw new KernelException(new KernelError("send", "rtnetlink", null, Cancelled, "not sent: the run was cancelled"));
            var answers = _channel.Exchange(_batch);
            foreach (var mine in Enumerable.Range(0, answers.Length).GroupBy(i => owners[i], i => answers[i]))
                errors[mine.Key] = mine.Contains(null) ? Again(operations[mine.Key], indexes) : Outcome(operations[mine.Key], [.. mine], static _ => false);
        }
        catch (KernelException failed)
        {
            foreach (var place in owners)
                errors[place] ??= failed.Error with { Object = operations[place].Object, Value = operations[place].Text };
        }

        _batch.Clear();
        owners.Clear();
    }

    // One operation a send, whose few answers cannot overflow the socket.
    private KernelError? Again(RtnetlinkOperation operation, LinkIndexes indexes)
    {
        try
        {
            _batch.Clear();
            operation.Write(_batch, indexes);
            var answers = _channel.Exchange(_batch);
            var now = _reader.ReadLinks([operation.Link]).Find(operation.Link);
            return Outcome(operation, answers, errno => operation.IsDone(errno, now));
        }
        catch (KernelException failed)
        {
            return failed.Error with { Object = operation.Object, Value = operation.Text, Halfway = true };
        }
    }

    // A part that was done, or may have been, is to be undone.
    private static KernelError? Outcome(RtnetlinkOperation operation, NetlinkAnswer?[] answers, Func<int, bool> isDone)
    {
        var done = answers.Where(a => a is { Errno: 0 } || (a is { } known && isDone(known.Errno))).ToList();
        if (done.Count == answers.Length)
            return null;
        var refused = answers.First(a => !done.Contains(a)) ?? NetlinkAnswer.Lost;
        return Error(operation, refused) with { Halfway = done.Count > 0 || answers.Contains(null) };
    }

    private static KernelError Error(RtnetlinkOperation operation, NetlinkAnswer answer)
    {
        var details = new[] { answer.Message, operation.Explain(answer.Errno) }.Where(static d => !string.IsNullOrEmpty(d));
        var detail = string.Join("; ", details);
        return new KernelError(operation.Request, operation.Object, operation.Text, answer.Errno, detail.Length == 0 ? null : detail);
    }
}
