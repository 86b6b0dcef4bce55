using System.Globalization;

namespace Provision.Kernel.Netlink;

/// <summary>
/// Sets the MTU. A bridge's stops following its ports when this changes it. Below 1280 the kernel drops every
/// IPv6 address of the link.
/// </summary>
/// <param name="Mtu">Bytes.</param>
public sealed record LinkSetMtu(string Link, int Mtu) : RtnetlinkOperation(Link)
{
    public override string Text => string.Create(CultureInfo.InvariantCulture, $"set link {Link} mtu {Mtu}");

    internal override void Write(NetlinkWriter to, LinkIndexes indexes)
    {
        BeginChange(to, indexes[Link]);
        to.Attribute(LinkAttribute.Mtu, (uint)Mtu);
        to.End();
    }
}
