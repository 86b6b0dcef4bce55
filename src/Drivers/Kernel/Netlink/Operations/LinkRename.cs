namespace Provision.Kernel.Netlink;

/// <summary>
/// Renames a link. A kernel that takes this only while the link is down (before Linux 6.2) has it taken down and up
/// again, with its IPv6 addresses and routes.
/// </summary>
public sealed record LinkRename(string Link, string To) : RtnetlinkOperation(Link)
{
    public override string Text => $"set link {Link} name {To}";

    internal override void Write(NetlinkWriter to, LinkIndexes indexes)
    {
        BeginChange(to, indexes[Link]);
        to.Attribute(LinkAttribute.Name, To);
        to.End();
    }

    internal override string? Explain(int errno) => errno switch
    {
        16 => "this kernel renames only links that are down",
        17 => $"a link named {To} exists",
        _ => null,
    };
}
