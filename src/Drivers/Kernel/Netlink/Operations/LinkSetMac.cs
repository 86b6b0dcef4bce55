using System.Net.NetworkInformation;

namespace Provision.Kernel.Netlink;

/// <summary>Sets the hardware address; a bridge's stops following its ports.</summary>
/// <param name="Mac">Six bytes in hex with colons.</param>
public sealed record LinkSetMac(string Link, string Mac) : RtnetlinkOperation(Link)
{
    public override string Text => $"set link {Link} address {Mac}";

    internal override void Write(NetlinkWriter to, LinkIndexes indexes)
    {
        BeginChange(to, indexes[Link]);
        to.Attribute(LinkAttribute.Address, PhysicalAddress.Parse(Mac).GetAddressBytes());
        to.End();
    }
}
