using Provision.Kernel.Netlink;
using Provision.Spec;

namespace Provision.Drivers.Bridge;

/// <summary>Resources that name every bridge of the host that no instance of Provision has made.</summary>
internal static class BridgeSurvey
{
    public static ResourceSet Of(LinkTable links) =>
        new([.. links.Links
            .Where(static l => l.IsBridge && !LinkGroups.IsProvision(l.Group))
            .DistinctBy(static l => Name(l.Name))
            .Select(static l => new Resource(
                new ResourceId(BridgeSchema.Kind, Name(l.Name)),
                new Metadata(Name(l.Name)),
                ObjectValue.Empty.With(BridgeFields.LinkName, l.Name),
                [], SourceMap.None))]);

    // A link may have a name that a resource cannot have (Br_0): linkName keeps it.
    private static string Name(string link)
    {
        var name = string.Concat(link.Select(static c => char.IsAsciiLetterOrDigit(c) || c == '-' ? char.ToLowerInvariant(c) : '-')).Trim('-');
        return name.Length == 0 ? "bridge" : name;
    }
}
