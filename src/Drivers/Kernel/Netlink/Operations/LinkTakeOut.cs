namespace Provision.Kernel.Netlink;

/// <summary>Removes a link inside a container's network namespace, where it bears no mark.</summary>
internal sealed record LinkTakeOut(string Link) : RtnetlinkOperation(Link)
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
