using Provision.Kernel.Netlink;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Bridge;

/// <summary>The kind Bridge: reads through rtnetlink, plans rtnetlink operations.</summary>
public sealed class BridgeDriver(ILinkReader reader) : IDriver
{
    public KindSchema Schema => BridgeSchema.Schema;

    public string ReadMethod => "rtnetlink";

    public IReadOnlyCollection<string> MissingLayers => [BridgeCodes.NotInKernel];

    public string EventTable => KernelEvent.Links;

    public IReadOnlyList<Observed> Observe(Snapshot snapshot, Scope scope, ResourceSet desired, IReadOnlySet<ResourceId>? only)
    {
        if (only is not null && !only.Any(static id => id.Kind == BridgeSchema.Kind))
            return [];
        var tables = snapshot.Table(() =>
            (only is null ? null : BridgeTables.ReadSome(reader, desired, only, scope)) ?? BridgeTables.ReadAll(snapshot, reader, desired));
        return new BridgeObserver(tables, scope, desired).Observe(only);
    }

    public IReadOnlyList<Observed> Survey(Snapshot snapshot, Scope scope)
    {
        var named = BridgeSurvey.Of(snapshot.Table(reader.ReadLinks));
        return new BridgeObserver(snapshot.Table(() => BridgeTables.ReadAll(snapshot, reader, named)), scope, named).Observe(null);
    }

    public ObjectValue Normalize(Resource resource, ObjectValue spec, Observed? live, Snapshot snapshot, ResourceSet desired, DiagnosticBag bag) =>
        new BridgeNormal(resource, live, BridgeTables.Of(snapshot), reader, bag)
        {
            Netfilter = snapshot.Table(reader.ReadBridgeNetfilter),
        }.Normalize(spec);

    public IReadOnlyList<Operation> Plan(ChangeRequest request, DiagnosticBag bag) =>
        request.Action == ChangeAction.Delete
            ? BridgeRemoval.Plan(request, BridgeTables.Of(request.Snapshot), bag)
            : new BridgePlanner(request, BridgeTables.Of(request.Snapshot), reader, bag).Plan();

    public IReadOnlyCollection<string> FramedKinds => [BridgeSchema.Kind, ContainerPlugs.Kind];

    public (IReadOnlyList<Operation> Before, IReadOnlyList<Operation> After) Frame(Snapshot snapshot, Scope scope, IReadOnlyList<ChangeRequest> changes) =>
        ([], [.. new BridgeFollowing(BridgeTables.Of(snapshot), scope, changes).Plan()]);

    public IReadOnlyCollection<ResourceId> Suspects(KernelEvent hint, IReadOnlyCollection<KnownObject> known, ResourceSet desired)
    {
        var suspects = new HashSet<ResourceId>();
        suspects.UnionWith(hint.Overflow
            ? desired.OfKind(BridgeSchema.Kind).Select(static r => r.Id)
            : BridgeIndex.Of(desired).Concerned(hint.Object, hint.Related));
        foreach (var observed in known)
            if (observed.Id.Kind == BridgeSchema.Kind && (hint.Overflow || Concerns(hint, observed.Object)))
                suspects.Add(observed.Id);
        return suspects;
    }

    private static bool Concerns(KernelEvent hint, string link) => hint.Object == link || hint.Related == link;
}
