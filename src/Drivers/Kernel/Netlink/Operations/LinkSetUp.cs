namespace Provision.Kernel.Netlink;

/// <summary>Sets IFF_UP or takes it away. Down, a link loses its global IPv6 addresses and its static routes.</summary>
public sealed record LinkSetUp(string Link, bool Up) : RtnetlinkOperation(Link)
{
    public override string Text => $"set link {Link} {(Up ? "up" : "down")}";

    internal override void Write(NetlinkWriter to, LinkIndexes indexes)
    {
        BeginChange(to, indexes[Link], Up ? LinkAttribute.Up : 0, LinkAttribute.Up);
        to.End();
    }
}
