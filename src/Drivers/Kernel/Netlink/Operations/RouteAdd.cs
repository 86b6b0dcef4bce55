using System.Net;

namespace Provision.Kernel.Netlink;

/// <summary>
/// Adds a route through a gateway to the main table, with our protocol number. Never replaces one: the kernel would
/// take the first with the same network, whoever made it.
/// </summary>
public sealed record RouteAdd(string Link, IPAddress Destination, byte PrefixLength, IPAddress Gateway)
    : RouteChange(Link, Destination, PrefixLength, Gateway)
{
    public override string Text => $"add route {Target}";

    internal override string Request => "RTM_NEWROUTE";

    internal override void Write(NetlinkWriter to, LinkIndexes indexes)
    {
        to.Begin(MessageType.NewRoute, MessageFlags.Request | MessageFlags.Ack | MessageFlags.Create | MessageFlags.Exclusive);
        to.RouteHeader(AddressFamilyByte, PrefixLength, (byte)Route.MainTable, Route.Provision, 0, (byte)RouteType.Unicast);
        WriteTarget(to, indexes[Link]);
        to.End();
    }

    internal override bool IsDone(int errno, Link? now) => errno == 17; // EEXIST

    internal override string? Explain(int errno) => errno switch
    {
        17 => "there is a route to this network already",
        100 => "the link is down",
        101 or 113 => $"no address of {Link} reaches the gateway",
        _ => null,
    };
}
