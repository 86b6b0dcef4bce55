namespace Provision.Kernel.Netlink;

/// <summary>Writes IFLA_GROUP.</summary>
public sealed record LinkSetGroup(string Link, uint Group) : RtnetlinkOperation(Link)
{
    public override string Text => $"set link {Link} group 0x{Group:x8}";

    internal override void Write(NetlinkWriter to, LinkIndexes indexes)
    {
        BeginChange(to, indexes[Link]);
        to.Attribute(LinkAttribute.Group, Group);
        to.End();
    }
}
