namespace Provision.Kernel.Netlink;

/// <summary>Removes a link with its addresses; its ports are released. Many at once go in one request, by group.</summary>
public sealed record LinkDelete(string Link) : RtnetlinkOperation(Link)
{
    public override string Text => $"delete link {Link}";

    public override bool Irreversible => true;

    internal override string Request => "RTM_DELLINK";

    internal override void Write(NetlinkWriter to, LinkIndexes indexes)
    {
        to.Begin(MessageType.DeleteLink, MessageFlags.Request | MessageFlags.Ack);
        to.LinkHeader(Family.Unspecified, indexes[Link]);
        to.End();
    }
}
