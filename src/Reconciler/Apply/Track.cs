using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>The operations of one resource within a stage, in order; it starts when the tracks it waits for are done.</summary>
internal sealed class Track(ResourceId? id, IReadOnlyList<Operation> operations)
{
    public ResourceId? Id { get; } = id;

    public IReadOnlyList<Operation> Operations { get; } = operations;

    public List<Track> WaitsFor { get; } = [];

    public int Position { get; set; }

    public bool Done => Position == Operations.Count;

    public bool Ready => !Done && WaitsFor.TrueForAll(static t => t.Done);
}
