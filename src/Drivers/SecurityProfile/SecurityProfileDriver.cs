using Provision.Kernel;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.SecurityProfile;

/// <summary>
/// The kind SecurityProfile: a declaration that others take over. It is as it should be wherever it is declared and this
/// host has what it requires; there is nothing to create, to observe or to remove.
/// </summary>
public sealed class SecurityProfileDriver(ISecurityReader host) : IDriver
{
    private const string OnlyDeclared = "nothing in the kernel is a profile: the containers that name it are compared";

    public KindSchema Schema => SecurityProfileSchema.Schema;

    public string ReadMethod => "manifests";

    public string EventTable => KernelEvent.Cgroups;

    public IReadOnlyCollection<string> EventTables => [];

    public IReadOnlyCollection<string> FramedKinds => [];

    public IReadOnlyCollection<string> MissingLayers => [SecurityProfileCodes.LayerMissing];

    public IReadOnlyList<Observed> Observe(Snapshot snapshot, Scope scope, ResourceSet desired, IReadOnlySet<ResourceId>? only) =>
        [.. desired.OfKind(SecurityProfileSchema.Kind).Where(r => only?.Contains(r.Id) != false).Select(r => Of(r, scope))];

    public ObjectValue Normalize(Resource resource, ObjectValue spec, Observed? live, Snapshot snapshot, ResourceSet desired, DiagnosticBag bag)
    {
        SecurityProfiles.CheckRequired(
            resource.Id, resource.Spec, host, layer => resource.Source.At($"{SecurityProfileFields.Own.Require.Path}[{layer}]"), SecurityProfileCodes.LayerMissing, bag);
        return spec;
    }

    public IReadOnlyList<Operation> Plan(ChangeRequest request, DiagnosticBag bag) => [];

    public IReadOnlyCollection<ResourceId> Suspects(KernelEvent hint, IReadOnlyCollection<KnownObject> known, ResourceSet desired) => [];

    // As it is declared: every field equal, and recorded as it is.
    private static Observed Of(Resource resource, Scope scope)
    {
        var spec = resource.Metadata.ManagementPolicy == ManagementPolicy.Manage ? EffectiveSpec.Fill(SecurityProfileSchema.Schema.Fields, resource.Spec) : resource.Spec;
        return new Observed(resource.Id, "", Ownership.Owned, spec)
        {
            Stack = scope.Stack,
            Recorded = new RecordedSpec(spec, resource.Metadata.DeletionPolicy),
            DeletionPolicy = resource.Metadata.DeletionPolicy,
            OnlyDeclared = OnlyDeclared,
        };
    }
}
