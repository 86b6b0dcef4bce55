using Provision.Kernel.Netlink;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Bridge;

/// <summary>Finds the bridges of an instance by their marks, and whatever the resources name.</summary>
internal sealed class BridgeObserver(BridgeTables tables, Scope scope, ResourceSet desired)
{
    private readonly Dictionary<string, ResourceId> _askedFor = AskedFor(desired);
    private readonly Dictionary<string, ResourceId> _portOf = desired.OfKind(BridgeSchema.Kind)
        .SelectMany(static r => BridgeNames.PortsOf(r).Select(p => (Port: p, r.Id)))
        .GroupBy(static p => p.Port, StringComparer.Ordinal)
        .ToDictionary(static g => g.Key, static g => g.First().Id, StringComparer.Ordinal);

    public IReadOnlyList<Observed> Observe(IReadOnlySet<ResourceId>? only) =>
        [.. tables.Links.Links.Select(Observe).OfType<Observed>().Where(o => only is null || only.Contains(o.Id))];

    private Observed? Observe(Link link)
    {
        var named = _askedFor.TryGetValue(link.Name, out var id);
        if (BridgeMarks.Read(link, scope) is { } mark)
            return Seen(mark.Id, link, Ownership.Owned) with
            {
                Stack = mark.Scope.Stack,
                Recorded = link.Group == AliasMark.Group(scope.Instance)
                    ? mark.Recorded(BridgeSchema.Schema)
                    : new HalfMark(mark.Recorded(BridgeSchema.Schema)),
                DeletionPolicy = mark.DeletionPolicy,
            };
        if (named ? BridgeMarks.HasLostItsAlias(link, scope) : BridgeMarks.IsUnfinished(link, scope, tables))
            return Seen(named ? id : new ResourceId(BridgeSchema.Kind, link.Name), link, Ownership.Unfinished);
        return named ? Seen(id, link, Ownership.Foreign) : null;
    }

    private Observed Seen(ResourceId id, Link link, Ownership ownership)
    {
        var resource = desired.Find(id);
        var declaredPorts = resource is null ? [] : BridgeNames.PortsOf(resource).ToHashSet(StringComparer.Ordinal);
        var ports = tables.Links.PortsOf(link.Index).Where(p => declaredPorts.Contains(p.Name) || IsExtra(p, id));
        var declared = resource?.Spec.List(BridgeFields.Addresses).Select(static v => v.ToString()!).ToHashSet(StringComparer.Ordinal) ?? [];
        var addresses = tables.Addresses.Of(link.Index).Where(a => !a.IsAutomatic || declared.Contains(a.Text));
        var live = new LiveBridge(link, [.. addresses], [.. ports], tables.Vlans)
        {
            Spoilt = [.. addresses.Where(a => !a.IsPlain && declared.Contains(a.Text))],
        };
        var inUse = string.Join(", ", live.InUse);
        return new Observed(id, link.Name, ownership, BridgeState.Read(live))
        {
            State = live,
            Unreadable = BridgeState.Unreadable(live),
            Note = inUse.Length == 0 ? null : new ObservedNote($"another on the network has {inUse}", Underway: false),
        };
    }

    // What another resource put here, or is about to take, is nobody's drift.
    private bool IsExtra(Link port, ResourceId bridge) =>
        !LinkGroups.IsProvision(port.Group) && (!_portOf.TryGetValue(port.Name, out var owner) || owner == bridge);

    private static Dictionary<string, ResourceId> AskedFor(ResourceSet desired)
    {
        var byName = new Dictionary<string, ResourceId>(StringComparer.Ordinal);
        foreach (var resource in desired.OfKind(BridgeSchema.Kind))
            byName.TryAdd(BridgeNames.LinkOf(resource), resource.Id);
        return byName;
    }
}
