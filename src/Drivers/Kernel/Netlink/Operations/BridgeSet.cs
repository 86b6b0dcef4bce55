using System.Globalization;

namespace Provision.Kernel.Netlink;

/// <summary>Sets one attribute of a bridge, in the kernel's unit.</summary>
public sealed record BridgeSet(string Link, BridgeAttribute Attribute, uint Value) : RtnetlinkOperation(Link)
{
    public override string Text => string.Create(CultureInfo.InvariantCulture, $"set bridge {Link} {Attribute.Name()} {Value}");

    internal override void Write(NetlinkWriter to, LinkIndexes indexes)
    {
        BeginChange(to, indexes[Link]);
        var info = to.BeginNest(LinkAttribute.LinkInfo | LinkAttribute.Nested);
        to.Attribute(LinkAttribute.InfoKind, "bridge");
        var data = to.BeginNest(LinkAttribute.InfoData | LinkAttribute.Nested);
        BridgeAttributes.Write(to, Attribute, Value);
        to.EndNest(data);
        to.EndNest(info);
        to.End();
    }

    internal override string? Explain(int errno) => (errno, Attribute) switch
    {
        (95, BridgeAttribute.VlanFiltering) => "this kernel's bridge has no VLAN filtering",
        (22, BridgeAttribute.GroupForwardMask) => "bits 0 to 2 (STP, pause frames, LACP) are never forwarded",
        _ => null,
    };
}
