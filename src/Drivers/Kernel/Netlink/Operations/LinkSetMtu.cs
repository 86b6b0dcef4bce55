using System.Globalization;

namespace Provision.Kernel.Netlink;

/// <summary>
/// Sets the MTU. A bridge's stops following its ports when this changes it. Below 1280 the kernel drops every
/// IPv6 address of the link.
/// </summary>
/// <param name="Mtu">Bytes.</param>
/// <param name="Fixed">
/// For a bridge that may have this MTU already, because it follows its ports: it stops following them. The kernel does not
/// hear of an MTU that is there (net/core/dev.c: netif_set_mtu_ext), so that another one comes first, a byte larger.
/// </param>
public sealed record LinkSetMtu(string Link, int Mtu, bool Fixed = false) : RtnetlinkOperation(Link)
{
    // ETH_MAX_MTU.
    private const int Largest = 65535;

    public override string Text => string.Create(CultureInfo.InvariantCulture, $"set link {Link} mtu {Mtu}{(Fixed ? " whatever its ports have" : "")}");

    internal override void Write(NetlinkWriter to, LinkIndexes indexes)
    {
        if (Fixed)
            Set(to, indexes, Mtu < Largest ? Mtu + 1 : Mtu - 1);
        Set(to, indexes, Mtu);
    }

    private void Set(NetlinkWriter to, LinkIndexes indexes, int mtu)
    {
        BeginChange(to, indexes[Link]);
        to.Attribute(LinkAttribute.Mtu, (uint)mtu);
        to.End();
    }
}
