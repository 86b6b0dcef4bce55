using System.Collections.Immutable;
using System.Globalization;
using System.Net.NetworkInformation;

namespace Provision.Kernel.Netlink;

/// <summary>
/// Makes a bridge, down, with its group (the half of the mark that the kernel takes at once) and its settings, or
/// fails and makes nothing. MTU and alias come after: the kernel ignores an alias here, and an MTU given here would
/// still follow the ports.
/// </summary>
/// <param name="Group">IFLA_GROUP.</param>
/// <param name="Mac">Pinned when given; null takes a random one and then a port's.</param>
/// <param name="Settings">Only what differs from the kernel's defaults.</param>
public sealed record LinkCreate(
    string Link, uint Group, string? Mac, ImmutableSortedDictionary<BridgeAttribute, uint> Settings) : RtnetlinkOperation(Link)
{
    public override string Text =>
        $"create link {Link} type bridge group 0x{Group:x8}{(Mac is null ? "" : $" address {Mac}")}"
        + string.Concat(Settings.Select(static s => string.Create(CultureInfo.InvariantCulture, $" {s.Key.Name()} {s.Value}")));

    internal override IEnumerable<string> Needs => [];

    internal override void Write(NetlinkWriter to, LinkIndexes indexes)
    {
        to.Begin(MessageType.NewLink, MessageFlags.Request | MessageFlags.Ack | MessageFlags.Create | MessageFlags.Exclusive);
        to.LinkHeader(Family.Unspecified, 0);
        to.Attribute(LinkAttribute.Name, Link);
        to.Attribute(LinkAttribute.Group, Group);
        if (Mac is not null)
            to.Attribute(LinkAttribute.Address, PhysicalAddress.Parse(Mac).GetAddressBytes());
        var info = to.BeginNest(LinkAttribute.LinkInfo | LinkAttribute.Nested);
        to.Attribute(LinkAttribute.InfoKind, "bridge");
        if (!Settings.IsEmpty)
        {
            var data = to.BeginNest(LinkAttribute.InfoData | LinkAttribute.Nested);
            foreach (var (attribute, value) in Settings)
                BridgeAttributes.Write(to, attribute, value);
            to.EndNest(data);
        }

        to.EndNest(info);
        to.End();
    }

    internal override bool IsDone(int errno, Link? now) => errno == 17 && now is { IsBridge: true } && now.Group == Group; // EEXIST

    internal override string? Explain(int errno) => errno == 17 ? "a link with this name (or alternative name) exists" : null;
}
