using System.Collections.Immutable;
using Provision.Kernel.Containers;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Container;

/// <summary>
/// The operations that bring a running container's links from one list to another. What goes goes first: the kernel takes
/// no second route to a network, so that one which moves from link to link must leave the one before it comes to the other.
/// </summary>
/// <param name="orders">From links to what the supervisor is told.</param>
/// <param name="set">Where Bridges are.</param>
/// <param name="live">The links as read, by name.</param>
internal sealed class NetworkSteps(
    string instance, string container, ContainerOrders orders, ResourceSet set, ImmutableSortedDictionary<string, LiveInterface> live)
{
    /// <param name="links">Names of those that change.</param>
    public IEnumerable<Operation> Of(IEnumerable<string> links, ObjectValue before, ObjectValue desired)
    {
        var changes = links.Select(name => new Change(name, Link(before, name), Link(desired, name))).ToList();
        foreach (var gone in changes.Where(static c => c.After is null))
            yield return Step(gone, null, gone.Before);
        var staying = changes.Where(static c => c.After is not null).ToList();
        var trimmed = staying.ToDictionary(static c => c.Name, c => Trimmed(c, staying));
        foreach (var change in staying.Where(c => trimmed[c.Name] is not null))
            yield return Step(change, trimmed[change.Name], change.Before);
        foreach (var change in staying.Where(c => trimmed[c.Name] is not { } first || !first.Equals(c.After)))
            yield return Step(change, change.After, trimmed[change.Name] ?? change.Before);
    }

    /// <summary>What a link has before and after, where it loses something that another may gain; else null.</summary>
    private static ObjectValue? Trimmed(Change change, List<Change> all)
    {
        if (change.Before is null || !IsOurs(change.Before))
            return null;
        var parts = new[] { NetworkFields.Addresses, NetworkFields.Routes };
        if (!parts.Any(part => Lost(change, part).Any() && all.Exists(other => other != change && Gained(other, part).Any())))
            return null;
        var trimmed = change.After!;
        foreach (var part in parts)
            trimmed = trimmed.With(part, new ListValue([.. Items(change.After, part).Intersect(Items(change.Before, part))]));
        return trimmed;
    }

    private static IEnumerable<Value> Lost(Change change, Field part) => Items(change.Before, part).Except(Items(change.After, part));

    private static IEnumerable<Value> Gained(Change change, Field part) => Items(change.After, part).Except(Items(change.Before, part));

    private static ImmutableArray<Value> Items(ObjectValue? link, Field part) => link is null ? [] : [.. link.List(part)];

    // A link that is no port of a bridge is nothing that Provision made, or not any more.
    private static bool IsOurs(ObjectValue link) => link.Text(NetworkFields.Bridge) is not null;

    private static ObjectValue? Link(ObjectValue spec, string name) =>
        spec.Objects(NetworkFields.Networks).FirstOrDefault(n => n.Text(NetworkFields.Interface) == name);

    private Operation Step(Change change, ObjectValue? to, ObjectValue? before) => Make(change.Name, to) with
    {
        Field = $"{NetworkFields.Networks.Path}[{change.Name}]",
        // What others made is not made again.
        Undo = before is null ? Make(change.Name, null) : IsOurs(before) ? Back(change.Name, Declarable(before, change)) : null,
    };

    // What it is a port of has another name by then, where the plan gives it one: that one is told of its index, too.
    private ContainerNetworkSet Back(string name, ObjectValue link)
    {
        var attachment = orders.Network(link);
        var renamed = link.Text(NetworkFields.Bridge) is { } bridge && set.Find(new ResourceId(BridgeNetworks.Kind, bridge)) is null;
        return new ContainerNetworkSet(instance, container, renamed ? attachment with { BridgeIndex = live.GetValueOrDefault(name)?.BridgeIndex } : attachment);
    }

    private Operation Make(string name, ObjectValue? link) =>
        link is null ? new ContainerNetworkRemove(instance, container, name) : new ContainerNetworkSet(instance, container, orders.Network(link));

    // Of what is not compared nothing is told: the kernel's choice stays. A link that is made again has no such choice, and its
    // bridge may have another MTU meanwhile.
    private static ObjectValue Declarable(ObjectValue link, Change change) => link
        .With(NetworkFields.Mtu, change.After is { } after && after.Get(NetworkFields.Mtu) is null ? null : link.Get(NetworkFields.Mtu))
        .With(NetworkFields.Addresses, new ListValue([.. link.List(NetworkFields.Addresses).Where(static a => Types.InterfaceAddress.TryParse(a.ToString()!, out _, out _))]))
        .With(NetworkFields.Routes, new ListValue([.. link.Objects(NetworkFields.Routes).Where(static r => r.Text(NetworkFields.RouteVia) is not null)]));

    private sealed record Change(string Name, ObjectValue? Before, ObjectValue? After);
}
