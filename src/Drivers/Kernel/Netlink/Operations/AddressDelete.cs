using System.Net;

namespace Provision.Kernel.Netlink;

/// <summary>Removes an address. With an IPv4 primary its secondaries go too, unless promote_secondaries is set.</summary>
public sealed record AddressDelete(string Link, IPAddress Local, byte PrefixLength, IPAddress? Peer = null)
    : AddressChange(Link, Local, PrefixLength, Peer)
{
    public override string Text => $"delete address {Target}";

    internal override string Request => "RTM_DELADDR";

    internal override void Write(NetlinkWriter to, LinkIndexes indexes)
    {
        WriteAddress(to, MessageType.DeleteAddress, 0, 0, indexes[Link]);
        to.End();
    }

    internal override bool IsDone(int errno, Link? now) => errno is 99 or 19; // EADDRNOTAVAIL, ENODEV

    internal override string? Explain(int errno) => errno == 99 ? "the link has no such address" : null;
}
