using Provision.Kernel;
using Provision.Kernel.Containers;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Seccomp;
using Provision.Reconciler;
using Provision.Spec;
using Comparison = Provision.Reconciler.Comparison;

namespace Provision.Drivers.Container;

/// <summary>The kind Container: reads cgroups, /proc and what the supervisor notes; plans its leaf cgroup and the supervisor's work.</summary>
public sealed class ContainerDriver : IDriver
{
    private readonly Lazy<IContainerReader> _containers;
    private readonly LeafCgroups? _leaves;
    private readonly SeccompFilters _filters;
    private readonly ISecurityReader _security;
    private readonly Func<SandboxSpec, KernelError?> _host;
    private readonly Lazy<IFilterReader>? _loaded;

    /// <param name="containers">Shows containers; nothing of this driver can change them. Asked for once, where there are cgroups.</param>
    /// <param name="cgroups">Shows cgroups.</param>
    /// <param name="security">Shows what confines processes here.</param>
    /// <param name="filters">Compiles filters of system calls.</param>
    /// <param name="host">Why this host cannot launch a sandbox (a path that is not there or not for containers); null when it can.</param>
    /// <param name="loaded">Reads filters back from what runs, where that is asked for.</param>
    public ContainerDriver(
        Func<IContainerReader> containers, ICgroupReader cgroups, ISecurityReader security, SeccompFilters filters,
        Func<SandboxSpec, KernelError?> host, Func<IFilterReader>? loaded = null)
    {
        (_security, _filters, _host) = (security, filters, host);
        _loaded = loaded is null ? null : new Lazy<IFilterReader>(loaded);
        _containers = new Lazy<IContainerReader>(containers);
        _leaves = cgroups.Layout.Hierarchies.IsEmpty ? null : new LeafCgroups(cgroups);
    }

    // One look a run, whatever the number of creations.
    private sealed record RootCheck(bool IsForeign);

    // Normalize is told no scope; the run that observed is the run that normalizes.
    private sealed record Run(Scope Scope);

    public KindSchema Schema => ContainerSchema.Schema;

    public string ReadMethod => "cgroupfs and procfs";

    public Evidence ReadBy(ValuePath path, Observed live) => ContainerEvidence.Of(path, live, _leaves);

    public DeepLook? LookDeep(Comparison comparison) =>
        _leaves is null || _loaded is null ? null
            : DeepFilters.Look(comparison, _loaded.Value, spec => new ContainerOrders(_leaves.Reader, ResourceSet.Empty, _security, _filters, new DiagnosticBag()).Filter(spec));

    public string EventTable => KernelEvent.Cgroups;

    public IReadOnlyCollection<string> EventTables => [KernelEvent.Cgroups, KernelEvent.Links, KernelEvent.Networks];

    public IReadOnlyCollection<string> MissingLayers => [ContainerCodes.NoHierarchy, ContainerCodes.LayerMissing, ContainerCodes.CallsMissing];

    // The frame of all cgroups is the Cgroup's.
    public IReadOnlyCollection<string> FramedKinds => [];

    public IReadOnlyList<Observed> Observe(Snapshot snapshot, Scope scope, ResourceSet desired, IReadOnlySet<ResourceId>? only)
    {
        snapshot.Table(() => new Run(scope));
        var names = only?.Where(static id => id.Kind == ContainerSchema.Kind).Select(static id => id.Name).ToHashSet();
        if (_leaves is null || names is { Count: 0 })
            return [];
        var table = snapshot.Table(() => _containers.Value.Read(scope.Instance, names is null ? null : WithJoined(names, desired)));
        return [.. new ContainerObserver(_leaves, table, scope, desired, _security).Observe(only)];
    }

    public ObjectValue Resolve(Resource resource, ObjectValue spec, Observed? live, Snapshot snapshot, ResourceSet desired)
    {
        var scope = snapshot.Table(static () => new Run(new Scope())).Scope;
        return ContainerSecurity.Resolve(resource, spec, live?.Recorded?.Spec, $"{scope.Instance}/{resource.Id.Name}", _security, Recorded, snapshot, desired);

        IEnumerable<ObjectValue> Recorded() => _leaves is null ? [] : snapshot.Table(() => _containers.Value.Read(scope.Instance)).Containers
            .Select(static c => LeafCgroups.Recorded(c.Marks).Spec).OfType<ObjectValue>();
    }

    public ObjectValue Normalize(Resource resource, ObjectValue spec, Observed? live, Snapshot snapshot, ResourceSet desired, DiagnosticBag bag)
    {
        if (_leaves is null)
        {
            bag.Error(ContainerCodes.NoHierarchy, $"{resource.Id}: no cgroup hierarchy is mounted on this host", resource.Source.At(""));
            return spec;
        }

        var instance = snapshot.Table(static () => new Run(new Scope())).Scope.Instance;
        if (live is null && snapshot.Table(() => new RootCheck(_leaves.IsForeignRoot(instance))).IsForeign)
            bag.Error(ContainerCodes.NoHierarchy, $"{resource.Id}: the cgroup {CgroupLayout.InstanceRoot(instance)} exists and was not made by Provision",
                resource.Source.At("metadata.name"), "remove it, or use another --instance");
        foreach (var path in spec.Objects(ContainerFields.Devices).Select(static d => d.Text(ContainerFields.DevicePath)!))
            if (_leaves.Reader.Device(path) is null)
                bag.Error(ContainerCodes.NoDevice, $"{resource.Id}: {path} is not a device node of this host", resource.Source.At($"devices[{path}]"));

        if (_security.MissingCalls is { IsEmpty: false } missing)
            bag.Error(ContainerCodes.CallsMissing,
                $"{resource.Id}: to start containers Linux must have {string.Join(", ", missing.Select(static m => $"{m.Name} (since {m.Since})"))}",
                resource.Source.At("metadata.name"), "this kernel is older, or the sandbox that Provision runs in hides the call");
        ContainerSecurity.Check(resource, spec, _security, desired, bag);
        ContainerSecurity.TellCalls(resource, spec, live?.Recorded?.Spec, _filters, bag);
        var owned = resource.Metadata.ManagementPolicy == ManagementPolicy.Manage;
        if (owned)
            spec = NetworkMtu.Filled(ContainerNormal.Whole(spec, resource.Id.Name), desired);
        var leaf = LeafLimits.Of(resource, desired);
        var limits = spec[ContainerFields.Resources.Name] as ObjectValue ?? ObjectValue.Empty;
        if (owned)
            limits = LeafLimits.WithDevices(limits, resource.Spec[ContainerFields.Resources.Name] as ObjectValue ?? ObjectValue.Empty, spec, LeafLimits.Parent(spec), desired);
        var normal = _leaves.Normalize(leaf, limits, (live?.State as ContainerState)?.Leaf, snapshot, instance, desired, bag);
        return spec.With(ContainerFields.Resources, normal.Members.IsEmpty ? null : normal);
    }

    public IReadOnlyList<Operation> Plan(ChangeRequest request, DiagnosticBag bag) =>
        _leaves is null ? [] : new ContainerPlanner(_leaves, _security, _filters, _host, request, bag).Plan();

    public IReadOnlyCollection<ResourceId> Suspects(KernelEvent hint, IReadOnlyCollection<KnownObject> known, ResourceSet desired)
    {
        var suspects = known.Where(o => o.Id.Kind == ContainerSchema.Kind && (hint.Overflow || Concerns(hint, o))).Select(static o => o.Id).ToHashSet();
        if (hint.Overflow)
            suspects.UnionWith(desired.OfKind(ContainerSchema.Kind).Select(static r => r.Id));
        // By its name where it is still to come, or comes back.
        else if (hint.Table == KernelEvent.Cgroups && NameOf(hint.Object) is { } name && desired.Find(new ResourceId(ContainerSchema.Kind, name)) is { } resource)
            suspects.Add(resource.Id);
        return suspects;
    }

    private static bool Concerns(KernelEvent hint, KnownObject container) => hint.Table is KernelEvent.Cgroups or KernelEvent.Networks
        ? hint.Object == container.Object
        : container.Related.Contains(hint.Object);

    private static string? NameOf(string path) => path.EndsWith(IContainerReader.Suffix, StringComparison.Ordinal)
        ? path[(path.LastIndexOf('/') + 1)..^IContainerReader.Suffix.Length]
        : null;

    // A namespace is told to be another container's by comparing both.
    private static HashSet<string> WithJoined(HashSet<string> names, ResourceSet desired)
    {
        var all = names.ToHashSet();
        foreach (var resource in names.Select(n => desired.Find(new ResourceId(ContainerSchema.Kind, n))).OfType<Resource>())
            foreach (var (field, _) in ContainerFields.NamespaceFields)
                if (NamespaceType.Container(resource.Spec.Text(field)) is { } joined)
                    all.Add(joined);
        return all;
    }
}
