using System.Buffers.Binary;
using System.Net;

namespace Provision.Kernel.Netlink;

/// <summary>Adds an address, with our protocol number unless told another.</summary>
/// <param name="Protocol">IFA_PROTO; kernels before 5.18 ignore it.</param>
/// <param name="Scope">rtm_scope; 0 is global.</param>
/// <param name="Label">IPv4 only; null is the link's name.</param>
public sealed record AddressAdd(
    string Link, IPAddress Local, byte PrefixLength, IPAddress? Peer = null,
    byte Protocol = Address.Provision, byte Scope = 0, string? Label = null) : AddressChange(Link, Local, PrefixLength, Peer)
{
    private const byte NoDuplicateDetection = 2; // IFA_F_NODAD

    /// <summary>
    /// IPv6 only: usable at once. Without it the kernel asks the network first whether somebody has the address, and
    /// nothing can be bound to it for a second or two.
    /// </summary>
    public bool AtOnce { get; init; }

    public override string Text =>
        $"add address {Target}{(Protocol == Address.Provision ? "" : $" proto {Protocol}")}{(Scope == 0 ? "" : $" scope {Scope}")}"
        + (Label is null || Label == Link ? "" : $" label {Label}")
        + (AtOnce ? " nodad" : "");

    internal override string Request => "RTM_NEWADDR";

    internal override void Write(NetlinkWriter to, LinkIndexes indexes) =>
        Write(to, MessageFlags.Create | MessageFlags.Exclusive, indexes[Link]);

    /// <summary>Also where the address is already there.</summary>
    internal void WriteAgain(NetlinkWriter to, LinkIndexes indexes) =>
        Write(to, MessageFlags.Create | MessageFlags.Replace, indexes[Link]);

    private void Write(NetlinkWriter to, ushort flags, int index)
    {
        WriteAddress(to, MessageType.NewAddress, flags, Scope, index, AtOnce ? NoDuplicateDetection : (byte)0);
        if (!IsIPv6)
        {
            // A subnet with room for one: its last address, as ip-address(8) "broadcast +" computes it.
            if (Peer is null && PrefixLength <= 30)
                to.Attribute(AddressAttribute.Broadcast, Broadcast().GetAddressBytes());
            if (Label is not null)
                to.Attribute(AddressAttribute.Label, Label);
        }

        if (Protocol != 0)
            to.Attribute(AddressAttribute.Protocol, Protocol);
        to.End();
    }

    internal override bool IsDone(int errno, Link? now) => errno == 17; // EEXIST

    internal override string? Explain(int errno) => errno switch
    {
        13 => "IPv6 is switched off on this link (disable_ipv6, or an MTU below 1280)",
        17 => "the link has this address already",
        _ => null,
    };

    private IPAddress Broadcast()
    {
        var network = BinaryPrimitives.ReadUInt32BigEndian(Local.GetAddressBytes());
        Span<byte> broadcast = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(broadcast, network | (uint)(0xFFFF_FFFFUL >> PrefixLength));
        return new IPAddress(broadcast);
    }
}
