using Provision.Kernel.Containers;
using Provision.Spec;

namespace Provision.Drivers.Container;

/// <summary>The MTU of a container's link: its own, else that which its Bridge declares, else whatever it was made with.</summary>
internal static class NetworkMtu
{
    public static long? Of(ObjectValue network, ResourceSet set) => network.Number(NetworkFields.Mtu)
        ?? (network.Text(NetworkFields.Bridge) is { } bridge && set.Find(new ResourceId(BridgeNetworks.Kind, bridge)) is { } resource ? BridgeNetworks.MtuOf(resource) : null);

    /// <summary>The spec with the MTU of every link written out, where one is declared.</summary>
    public static ObjectValue Filled(ObjectValue spec, ResourceSet set) => spec.List(NetworkFields.Networks).IsEmpty ? spec : spec.With(
        NetworkFields.Networks,
        new ListValue([.. spec.Objects(NetworkFields.Networks).Select(network => (Value)network.With(NetworkFields.Mtu, Of(network, set) is { } mtu ? (Value)mtu : null))]));

    /// <summary>That of the end inside, or of the host's end where only that is not as recorded.</summary>
    public static Value? Live(LiveInterface link, ObjectValue recorded)
    {
        var declared = recorded.Objects(NetworkFields.Networks).FirstOrDefault(n => n.Text(NetworkFields.Interface) == link.Name)?.Number(NetworkFields.Mtu);
        return (link.Mtu == declared ? link.HostMtu ?? link.Mtu : link.Mtu) is { } mtu ? (Value)(long)mtu : null;
    }
}
