using Provision.Reconciler;

namespace Provision.Kernel.Netlink;

/// <summary>Removes a link with its addresses; its ports are released. Many at once go in one request, by group.</summary>
public sealed record LinkDelete(string Link) : RtnetlinkOperation(Link)
{
    /// <summary>Also a link that bears no mark of ours: what is in a container's own namespace.</summary>
    internal bool Whosever { get; init; }

    public override string Text => $"delete link {Link}";

    public override bool Irreversible => true;

    internal override string Request => "RTM_DELLINK";

    internal override bool IsDone(int errno, Link? now) => errno == 19; // ENODEV

    internal override string? Objection(Link found) =>
        Whosever || LinkGroups.IsProvision(found.Group) || AliasMark.TryParse(found.Alias) is not null
            ? null
            : $"{Link} was replaced by somebody else's link";

    internal override void Write(NetlinkWriter to, LinkIndexes indexes)
    {
        to.Begin(MessageType.DeleteLink, MessageFlags.Request | MessageFlags.Ack);
        to.LinkHeader(Family.Unspecified, indexes[Link]);
        to.End();
    }
}
