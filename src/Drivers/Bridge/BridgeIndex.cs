using System.Runtime.CompilerServices;
using Provision.Spec;

namespace Provision.Drivers.Bridge;

/// <summary>Which bridges of a set of manifests a link name concerns; made once a set, since events come by the thousand.</summary>
internal sealed class BridgeIndex
{
    private static readonly ConditionalWeakTable<ResourceSet, BridgeIndex> Indexes = [];

    private readonly ILookup<string, ResourceId> _byLink;
    private readonly ILookup<string, ResourceId> _byPort;

    private BridgeIndex(ResourceSet set)
    {
        var bridges = set.OfKind(BridgeSchema.Kind).ToList();
        _byLink = bridges.ToLookup(BridgeNames.LinkOf, static r => r.Id, StringComparer.Ordinal);
        _byPort = bridges.SelectMany(static r => BridgeNames.PortsOf(r).Select(p => (Port: p, r.Id)))
            .ToLookup(static p => p.Port, static p => p.Id, StringComparer.Ordinal);
    }

    public static BridgeIndex Of(ResourceSet set) => Indexes.GetValue(set, static s => new BridgeIndex(s));

    /// <summary>The bridges that are one of these links, or have the first as a port.</summary>
    public IEnumerable<ResourceId> Concerned(string link, string? related) =>
        _byLink[link].Concat(_byPort[link]).Concat(related is null ? [] : _byLink[related]);
}
