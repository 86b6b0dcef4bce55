using System.Text;

namespace Provision.Kernel.Netlink;

/// <summary>Writes IFLA_IFALIAS (at most 255 bytes); empty removes it.</summary>
public sealed record LinkSetAlias(string Link, string Alias) : RtnetlinkOperation(Link)
{
    public override string Text => Alias.Length == 0 ? $"set link {Link} noalias" : $"set link {Link} alias {Alias}";

    internal override void Write(NetlinkWriter to, LinkIndexes indexes)
    {
        BeginChange(to, indexes[Link]);
        // Without a NUL, which would count towards the 255; no bytes at all is what the kernel takes for "none".
        to.Attribute(LinkAttribute.Alias, Encoding.UTF8.GetBytes(Alias));
        to.End();
    }
}
