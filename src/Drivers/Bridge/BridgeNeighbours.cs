using System.Runtime.CompilerServices;
using Provision.Spec;

namespace Provision.Drivers.Bridge;

/// <summary>
/// What two bridges must not have in common. The second one gets the error, which names the first. Everything is
/// looked up in an index made once a set, so a thousand bridges cost no million comparisons.
/// </summary>
internal static class BridgeNeighbours
{
    private static readonly ConditionalWeakTable<ResourceSet, Index> Indexes = [];

    public static void Check(Resource resource, ResourceSet set, DiagnosticBag bag)
    {
        var index = Indexes.GetValue(set, static s => new Index(s));
        var link = BridgeNames.LinkOf(resource);
        if (index.Links.TryGetValue(link, out var first) && first != resource.Id)
            bag.Error(BridgeCodes.LinkNameTaken, $"{resource.Id} and {first} would both be the link {link}",
                resource.Source.At(resource.Spec.Text(BridgeFields.LinkName) is null ? "metadata.name" : "linkName"));
        if (resource.Spec.Text(BridgeFields.Mac) is { } mac && index.Macs.TryGetValue(mac, out var holder) && holder != resource.Id)
            bag.Error(BridgeCodes.MacTwice, $"{resource.Id} and {holder} have the same MAC address {mac}", resource.Source.At("macAddress"));
        CheckPorts(resource, link, index, bag);
        // What is only reported may be as wrong as it likes.
        if (resource.Metadata.ManagementPolicy != ManagementPolicy.Observe)
            CheckAddresses(resource, index, bag);
    }

    private static void CheckPorts(Resource resource, string link, Index index, DiagnosticBag bag)
    {
        foreach (var port in BridgeNames.PortsOf(resource))
        {
            var span = resource.Source.At($"ports[{port}].link");
            if (port == link)
                bag.Error(BridgeCodes.BridgeAsPort, $"{resource.Id} cannot be a port of itself", span);
            else if (index.Links.TryGetValue(port, out var other))
                bag.Error(BridgeCodes.BridgeAsPort, $"{resource.Id}: {port} is {other}, and a bridge cannot be a port", span);
            if (index.Ports.TryGetValue(port, out var owner) && owner != resource.Id)
                bag.Error(BridgeCodes.PortTwice, $"{resource.Id}: {port} is already a port of {owner}", span);
        }
    }

    private static void CheckAddresses(Resource resource, Index index, DiagnosticBag bag)
    {
        foreach (var text in resource.Spec.List(BridgeFields.Addresses).Select(static v => v.ToString()!))
        {
            var address = InterfaceAddress.Parse(text);
            if (address.Address.IsIPv6LinkLocal)
                continue; // means something on one link only
            var span = resource.Source.At($"addresses[{text}]");
            if (index.Addresses.TryGetValue(address.Address.ToString(), out var holder) && holder != resource.Id)
                bag.Error(BridgeCodes.AddressTwice, $"{resource.Id} and {holder} have the same address {address.Address}", span);
            else if (index.Overlap(resource.Id, address) is { } other)
                bag.Error(BridgeCodes.SubnetsOverlap, $"{resource.Id}: the subnet of {text} overlaps that of {other.Text} on {other.Id}", span);
        }
    }

    private sealed class Index
    {
        private readonly Dictionary<(bool IPv6, int Length, string Network), (ResourceId Id, string Text)> _networks = [];
        private readonly SortedSet<(bool IPv6, int Length)> _lengths = [];

        public Index(ResourceSet set)
        {
            foreach (var resource in set.OfKind(BridgeSchema.Kind))
            {
                Links.TryAdd(BridgeNames.LinkOf(resource), resource.Id);
                if (resource.Spec.Text(BridgeFields.Mac) is { } mac)
                    Macs.TryAdd(mac, resource.Id);
                foreach (var port in BridgeNames.PortsOf(resource))
                    Ports.TryAdd(port, resource.Id);
                if (resource.Metadata.ManagementPolicy != ManagementPolicy.Observe)
                    foreach (var text in resource.Spec.List(BridgeFields.Addresses).Select(static v => v.ToString()!))
                        Add(resource.Id, text);
            }
        }

        public Dictionary<string, ResourceId> Links { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, ResourceId> Macs { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, ResourceId> Ports { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, ResourceId> Addresses { get; } = new(StringComparer.Ordinal);

        /// <summary>A bridge whose subnet contains this one's; of two equal ones, the first.</summary>
        public (ResourceId Id, string Text)? Overlap(ResourceId id, InterfaceAddress address)
        {
            // A single address on another link makes no route that could clash.
            if (address.IsHost)
                return null;
            foreach (var (ipv6, length) in _lengths)
                if (ipv6 == address.IsIPv6 && length <= address.PrefixLength
                    && _networks.TryGetValue((ipv6, length, address.Network(length)), out var other) && other.Id != id)
                    return other;
            return null;
        }

        private void Add(ResourceId id, string text)
        {
            var address = InterfaceAddress.Parse(text);
            if (address.Address.IsIPv6LinkLocal)
                return;
            Addresses.TryAdd(address.Address.ToString(), id);
            if (address.IsHost)
                return;
            _lengths.Add((address.IsIPv6, address.PrefixLength));
            _networks.TryAdd((address.IsIPv6, address.PrefixLength, address.Network(address.PrefixLength)), (id, text));
        }
    }
}
