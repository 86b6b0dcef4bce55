using System.Collections.Immutable;
using System.Globalization;
using Provision.Kernel;
using Provision.Kernel.Containers;
using Provision.Kernel.Sandbox;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Container;

/// <summary>Finds the containers of an instance by their leaf cgroups.</summary>
internal sealed class ContainerObserver(LeafCgroups leaves, ContainerTable table, Scope scope, ResourceSet desired, ISecurityReader security)
{
    private readonly Dictionary<string, string> _bridges = BridgesByLink(desired);
    private readonly bool _supervised = leaves.HasSupervisor(scope.Instance);
    private readonly bool _ownsRoot = leaves.OwnsRoot(scope.Instance);

    public IEnumerable<Observed> Observe(IReadOnlySet<ResourceId>? only)
    {
        foreach (var seen in SideBySide.Select([.. table.Containers], One))
            if (seen is { } observed && (only is null || only.Contains(observed.Id)))
                yield return observed;
        foreach (var resource in desired.OfKind(ContainerSchema.Kind))
            if (table.Find(resource.Id.Name) is null && only?.Contains(resource.Id) != false && Torn(resource) is { } torn)
                yield return torn;
    }

    private Observed? One(LiveContainer container)
    {
        var id = ResourceId.Parse(container.Marks.GetValueOrDefault(CgroupMarks.Resource) ?? "");
        if (container.Marks.GetValueOrDefault(CgroupMarks.Instance) == scope.Instance && id is { Kind: ContainerSchema.Kind } owned)
        {
            var (spec, policy) = LeafCgroups.Recorded(container.Marks);
            return Seen(container, owned, Ownership.Owned, spec) with
            {
                Stack = container.Marks.GetValueOrDefault(CgroupMarks.Stack),
                Recorded = new RecordedSpec(spec, policy),
                DeletionPolicy = policy,
            };
        }

        var named = new ResourceId(ContainerSchema.Kind, container.Name);
        if (_ownsRoot && !container.Populated && !container.Marks.ContainsKey(CgroupMarks.Released))
            return Seen(container, named, Ownership.Unfinished, null);
        return desired.Find(named) is null ? null : Seen(container, named, Ownership.Foreign, null);
    }

    // In some hierarchies but not in the one with the marks: a creation or a removal cut short.
    private Observed? Torn(Resource resource)
    {
        var path = leaves.PathOf(resource.Id.Name, IContainerReader.Suffix, LeafLimits.Parent(resource.Spec), desired, scope.Instance);
        return _ownsRoot && leaves.Exists(path) ? Seen(new LiveContainer(resource.Id.Name, path, ImmutableSortedDictionary<string, string>.Empty), resource.Id, Ownership.Unfinished, null) : null;
    }

    private Observed Seen(LiveContainer container, ResourceId id, Ownership ownership, ObjectValue? spec)
    {
        var leaf = leaves.Read(container.Cgroup, container.Marks, id, ownership, scope.Instance);
        var state = new ContainerState(container, leaf, _supervised);
        var recorded = spec is null ? ObjectValue.Empty : ContainerNormal.Recorded(spec, id.Name);
        var parent = LeafCgroups.ParentOf(container.Cgroup, scope.Instance);
        var live = new ContainerView(recorded, table, _bridges, desired).Read(state, parent);
        return new Observed(id, container.Cgroup, ownership, live)
        {
            State = state,
            Life = container.Process is { } process ? string.Create(CultureInfo.InvariantCulture, $"{process.Pid}@{process.StartTime}") : null,
            Related = [.. container.Interfaces.Values.Select(static i => i.HostEnd).OfType<string>()],
            Facts = ContainerFacts.Of(container),
            Note = ContainerFacts.Note(state),
            DependsOn = [.. Needed(recorded, parent)],
            Listing = () => container.Order is { } order ? ContainerStart.ListingOf(order, SandboxHost.Of(leaves.Reader.Layout)) : [],
            Unreadable = Unreadable(leaf, container, recorded),
        };
    }

    // What cannot be read is no drift: to make links again where there are too many already would never end.
    private Dictionary<string, string> Unreadable(Observed leaf, LiveContainer container, ObjectValue recorded)
    {
        var all = leaf.Unreadable.Select(static u => (Path: $"{ContainerFields.Resources.Path}.{u.Key}", Why: u.Value))
            .Concat(ContainerSecurity.Unavailable(recorded, security)).ToDictionary(static u => u.Path, static u => u.Why);
        if (container.InterfacesUnreadable is { } why)
            all[NetworkFields.Networks.Path] = why;
        return all;
    }

    // What must be there as long as it is: the cgroup around it, the bridges it plugs into, the namespaces it joins.
    private static IEnumerable<ResourceId> Needed(ObjectValue recorded, string? parent)
    {
        if (parent is not null)
            yield return new ResourceId("Cgroup", parent);
        foreach (var network in recorded.Objects(NetworkFields.Networks))
            if (network.Text(NetworkFields.Bridge) is { } bridge)
                yield return new ResourceId(BridgeNetworks.Kind, bridge);
        foreach (var (field, _) in ContainerFields.NamespaceFields)
            if (NamespaceType.Container(recorded.Text(field)) is { } joined)
                yield return new ResourceId(ContainerSchema.Kind, joined);
    }

    private static Dictionary<string, string> BridgesByLink(ResourceSet desired)
    {
        var byLink = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var bridge in desired.OfKind(BridgeNetworks.Kind))
            byLink.TryAdd(BridgeNetworks.LinkOf(bridge), bridge.Id.Name);
        return byLink;
    }
}
