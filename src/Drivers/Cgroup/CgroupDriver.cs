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
            controllers, new CgroupObserver(reader, controllers), new CgroupPlanner(reader.Layout, controllers), new CgroupFrame(reader, controllers));
    }

    private sealed record Parts(CgroupControllers Controllers, CgroupObserver Observer, CgroupPlanner Planner, CgroupFrame Frame);

    public KindSchema Schema => CgroupSchema.Schema;

    public string EventTable => KernelEvent.Cgroups;

    public string ReadMethod => "cgroupfs";

    public IReadOnlyList<Observed> Observe(Snapshot snapshot, Scope scope, ResourceSet desired, IReadOnlySet<ResourceId>? only) =>
        _parts?.Observer.Observe(snapshot, scope, desired, only) ?? [];

    public ObjectValue Normalize(Resource resource, ObjectValue spec, Observed? live, Snapshot snapshot, ResourceSet desired, DiagnosticBag bag)
    {
        if (_parts is null)
        {
            bag.Error(CgroupCodes.NoHierarchy, $"{resource.Id}: no cgroup hierarchy is mounted on this host", resource.Source.At(""));
            return spec;
        }

        return spec;
    }

    public IReadOnlyList<Operation> Plan(ChangeRequest request, DiagnosticBag bag) => _parts?.Planner.Plan(request, "", bag) ?? [];
}
