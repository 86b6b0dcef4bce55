using Provision.Spec;

namespace Provision.Reconciler.Tests.Fakes;

/// <summary>The smallest whole driver, over a <see cref="Shelf"/>.</summary>
internal sealed class BoxDriver(Shelf shelf) : IDriver
{
    private const string NoRound = "PV9001";

    public KindSchema Schema => Boxes.Schema;

    public string ReadMethod => "shelf";

    public string EventTable => "box";

    public IReadOnlyList<Observed> Observe(Snapshot snapshot, Scope scope, ResourceSet desired, IReadOnlySet<ResourceId>? only) =>
        shelf.Unreadable is { } error ? throw new KernelException(error) : [.. shelf.Boxes.Where(b => b.Value.Mark is not null || desired.Find(new ResourceId("Box", b.Key)) is not null).Select(b => See(b.Key, b.Value))];

    private Observed See(string name, Box box) => new(
        box.Mark?.Id ?? new ResourceId("Box", name),
        name,
        box.Mark is null ? Ownership.Foreign : box.Mark.Stack.Length == 0 ? Ownership.Unfinished : Ownership.Owned,
        EffectiveSpec.Fill(Boxes.Schema.Fields, box.State))
    {
        Stack = box.Mark?.Stack,
        Recorded = box.Mark is null ? null : new RecordedSpec(box.Mark.Spec, box.Mark.Policy),
        DeletionPolicy = box.Mark?.Policy ?? DeletionPolicy.Delete,
        Unreadable = new Dictionary<string, string>(shelf.Blind),
        DependsOn = box.State.Text(Boxes.Inside) is { } outer ? [new ResourceId("Box", outer)] : [],
    };

    public IReadOnlyCollection<string> MissingLayers => [NoRound];

    public ObjectValue Normalize(Resource resource, ObjectValue spec, Observed? live, Snapshot snapshot, ResourceSet desired, DiagnosticBag bag)
    {
        if (shelf.OnlySquare && spec.Text(Boxes.Shape) == "round")
            bag.Error(NoRound, $"{resource.Id}: this shelf has no room for round boxes", resource.Source.At("shape"));
        return spec;
    }

    public IReadOnlyList<Operation> Plan(ChangeRequest request, DiagnosticBag bag)
    {
        var name = request.Live?.Object ?? request.Id.Name;
        if (request.Action == ChangeAction.Delete)
            return [request.Live!.DeletionPolicy == DeletionPolicy.Orphan ? new MarkBox(name, null) : new RemoveBox(name, false)];
        var mark = new BoxMark(request.Scope.Stack, request.Id, request.Effective!, request.Resource!.Metadata.DeletionPolicy);
        if (request.Action == ChangeAction.Create && request.Live is null)
            return [new AddBox(name, request.Desired!, mark) { Undo = new RemoveBox(name, true) }];
        var operations = request.Fields.Select(f => f.Field).Distinct().Select(f => (Operation)new SetBox(name, f, request.Desired!.Get(f))
        {
            Field = f.Path,
            Undo = new SetBox(name, f, request.Live!.Live.Get(f)),
            AfterDependents = f == Boxes.Size && string.CompareOrdinal(request.Desired!.Text(f), request.Live.Live.Text(f)) < 0,
        }).ToList();
        if (request.WriteMark)
            operations.Add(new MarkBox(name, mark) { Undo = new MarkBox(name, shelf.Boxes[name].Mark) });
        return operations;
    }

    public IReadOnlyCollection<ResourceId> Suspects(KernelEvent hint, IReadOnlyCollection<KnownObject> known, ResourceSet desired) =>
        hint.Table == "box" ? [.. known.Where(o => o.Object == hint.Object || hint.Overflow).Select(static o => o.Id)] : [];
}
