using System.Net;
using Provision.Spec;

namespace Provision.Drivers.Container;

/// <summary>Who has which address and MAC on each bridge; of several the first. Made once a set.</summary>
internal sealed class NetworkIndex
{
    private readonly Dictionary<(string Bridge, string What), string> _holders = [];

    public NetworkIndex(ResourceSet set)
    {
        foreach (var bridge in set.OfKind(BridgeNetworks.Kind))
        {
            foreach (var text in BridgeNetworks.AddressesOf(bridge))
                _holders.TryAdd((bridge.Id.Name, BridgeNetworks.Address(text).ToString()), bridge.Id.ToString());
            if (BridgeNetworks.MacOf(bridge) is { } mac)
                _holders.TryAdd((bridge.Id.Name, mac), bridge.Id.ToString());
        }

        foreach (var container in set.OfKind(ContainerSchema.Kind))
            foreach (var network in container.Spec.Objects(NetworkFields.Networks))
                Add(container.Id, network);
    }

    public string? Holder(string bridge, IPAddress address) => _holders.GetValueOrDefault((bridge, address.ToString()));

    public string? Holder(string bridge, string mac) => _holders.GetValueOrDefault((bridge, mac));

    // Broken items may lack their members.
    private void Add(ResourceId id, ObjectValue network)
    {
        if (network.Text(NetworkFields.Bridge) is not { } bridge)
            return;
        var place = $"{id} {network.Text(NetworkFields.Interface)}";
        foreach (var text in network.List(NetworkFields.Addresses).Select(static a => a.ToString()!))
            if (!BridgeNetworks.IsLinkLocal(text))
                _holders.TryAdd((bridge, BridgeNetworks.Address(text).ToString()), place);
        if (network.Text(NetworkFields.Mac) is { } mac)
            _holders.TryAdd((bridge, mac), place);
    }
}
