using Provision.Kernel;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Cgroup;

/// <summary>The kind Cgroup.</summary>
public sealed class CgroupDriver : IDriver
{
    private readonly ICgroupReader _reader;
    private readonly Parts? _parts;

    /// <param name="reader">Shows the kernel's cgroups; nothing of this driver can change them.</param>
    public CgroupDriver(ICgroupReader reader)
    {
        _reader = reader;
        if (reader.Layout.Hierarchies.IsEmpty)
            return;
        var controllers = new CgroupControllers(reader);
        _parts = new Parts(
            controllers, new CgroupObserver(reader, controllers), new CgroupPlanner(reader, controllers), new CgroupFrame(reader, controllers));
    }

    private sealed record Parts(CgroupControllers Controllers, CgroupObserver Observer, CgroupPlanner Planner, CgroupFrame Frame);

    // One look a run, whatever the number of creations.
    private sealed record RootCheck(bool IsForeign);

    public KindSchema Schema => CgroupSchema.Schema;

    public IReadOnlyCollection<string> MissingLayers =>
        [CgroupCodes.NoController, CgroupCodes.NotOnV1, CgroupCodes.NoFile, CgroupCodes.NoHierarchy];

    public string EventTable => KernelEvent.Cgroups;

    public string ReadMethod => CgroupEvidence.Files;

    public Evidence ReadBy(ValuePath path, Observed live) => CgroupEvidence.Of(path, _reader.Layout);

    public IReadOnlyList<Observed> Observe(Snapshot snapshot, Scope scope, ResourceSet desired, IReadOnlySet<ResourceId>? only)
    {
        // Normalize is told no scope; the run that observed is the run that normalizes.
        snapshot.Table(() => scope);
        return _parts?.Observer.Observe(snapshot, scope, desired, only) ?? [];
    }

    public ObjectValue Normalize(Resource resource, ObjectValue spec, Observed? live, Snapshot snapshot, ResourceSet desired, DiagnosticBag bag)
    {
        if (_parts is null)
        {
            bag.Error(CgroupCodes.NoHierarchy, $"{resource.Id}: no cgroup hierarchy is mounted on this host", resource.Source.At(""));
            return spec;
        }

        var instance = snapshot.Table(static () => new Scope()).Instance;
        var root = CgroupLayout.InstanceRoot(instance);
        var once = snapshot.Table(() => new CachingReader(_reader));
        if (live is null && snapshot.Table(() => new RootCheck(_parts.Frame.IsForeign(instance))).IsForeign)
            bag.Error(CgroupCodes.ForeignRoot, $"{resource.Id}: the cgroup {root} exists and was not made by Provision",
                resource.Source.At("metadata.name"), "remove it, or use another --instance");
        return CgroupNormal.Normalize(spec, _parts.Controllers, new NormalContext(resource, desired, live, once, root, bag));
    }

    public IReadOnlyList<Operation> Plan(ChangeRequest request, DiagnosticBag bag)
    {
        if (_parts is null)
            return [];
        var path = request.Live?.Object ?? CgroupPaths.Of(request.Resource!, request.Set, CgroupLayout.InstanceRoot(request.Scope.Instance), _reader);
        return _parts.Planner.Plan(request, path, bag);
    }

    public IReadOnlyCollection<string> FramedKinds => [CgroupSchema.Kind, LeafCgroups.Kind];

    public (IReadOnlyList<Operation> Before, IReadOnlyList<Operation> After) Frame(
        Snapshot snapshot, Scope scope, IReadOnlyList<ChangeRequest> changes) =>
        _parts is null ? ([], []) : _parts.Frame.Of(scope.Instance, LeafCgroups.ForFrame(changes));

    public IReadOnlyCollection<ResourceId> Suspects(KernelEvent hint, IReadOnlyCollection<KnownObject> known, ResourceSet desired)
    {
        if (hint.Overflow)
            return [.. known.Select(static o => o.Id).Union(desired.OfKind(CgroupSchema.Kind).Select(static r => r.Id))];
        // By its path where it is known; by its name where it is still to come, or comes back.
        var named = new ResourceId(CgroupSchema.Kind, CgroupPaths.NameOf(hint.Object));
        var suspects = known.Where(o => o.Object == hint.Object).Select(static o => o.Id).ToHashSet();
        if (desired.Find(named) is not null)
            suspects.Add(named);
        return suspects;
    }
}
