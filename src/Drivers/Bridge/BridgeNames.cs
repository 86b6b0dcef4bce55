using Provision.Spec;

namespace Provision.Drivers.Bridge;

/// <summary>How a resource and its link are called.</summary>
internal static class BridgeNames
{
    /// <summary>IFNAMSIZ - 1.</summary>
    public const int MaxLength = 15;

    public static string LinkOf(Resource resource) => resource.Spec.Text(BridgeFields.LinkName) ?? resource.Metadata.Name;

    public static IEnumerable<string> PortsOf(Resource resource) => PortsOf(resource.Spec);

    public static IEnumerable<string> PortsOf(ObjectValue spec) =>
        spec.Objects(BridgeFields.Ports).Select(static p => p.Text(BridgeFields.PortLink)).OfType<string>();
}
