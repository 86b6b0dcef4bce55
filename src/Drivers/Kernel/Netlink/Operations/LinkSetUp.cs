using System.Collections.Immutable;

namespace Provision.Kernel.Netlink;

/// <summary>Sets IFF_UP or takes it away. Down, a link loses its IPv6 addresses and its static routes.</summary>
/// <param name="Keep">Addresses that are added again in the same batch, because going down takes them away.</param>
public sealed record LinkSetUp(string Link, bool Up, ImmutableArray<AddressAdd> Keep) : RtnetlinkOperation(Link)
{
    public LinkSetUp(string link, bool up)
        : this(link, up, [])
    {
    }

    public override string Text =>
        $"set link {Link} {(Up ? "up" : "down")}"
        + (Keep.IsEmpty ? "" : $" keeping {string.Join(' ', Keep.Select(static a => $"{Address.Format(a.Local)}/{a.PrefixLength}"))}");

    internal override void Write(NetlinkWriter to, LinkIndexes indexes)
    {
        BeginChange(to, indexes[Link], Up ? LinkAttribute.Up : 0, LinkAttribute.Up);
        to.End();
        foreach (var address in Keep)
            address.WriteAgain(to, indexes);
    }
}
