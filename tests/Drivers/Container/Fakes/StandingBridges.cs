using Provision.Drivers.Bridge;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Tests.Container;

/// <summary>Bridges that are all as the manifests have them.</summary>
internal sealed class StandingBridges : IDriver
{
    public KindSchema Schema => BridgeSchema.Schema;

    public string EventTable => KernelEvent.Links;

    public string ReadMethod => "none";

    public IReadOnlyList<Observed> Observe(Snapshot snapshot, Scope scope, ResourceSet desired, IReadOnlySet<ResourceId>? only) =>
    [
        .. desired.OfKind(BridgeSchema.Kind).Where(r => only?.Contains(r.Id) != false).Select(r =>
            new Observed(r.Id, r.Id.Name, Ownership.Owned, EffectiveSpec.Fill(Schema.Fields, r.Spec))
            {
                Stack = scope.Stack,
                Recorded = new RecordedSpec(EffectiveSpec.Fill(Schema.Fields, r.Spec), r.Metadata.DeletionPolicy),
            }),
    ];

    public ObjectValue Normalize(Resource resource, ObjectValue spec, Observed? live, Snapshot snapshot, ResourceSet desired, DiagnosticBag bag) => spec;

    public IReadOnlyList<Operation> Plan(ChangeRequest request, DiagnosticBag bag) => [];

    public IReadOnlyCollection<ResourceId> Suspects(KernelEvent hint, IReadOnlyCollection<KnownObject> known, ResourceSet desired) => [];
}
