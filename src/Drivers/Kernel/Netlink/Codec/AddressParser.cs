using System.Net;
using System.Runtime.InteropServices;

namespace Provision.Kernel.Netlink;

/// <summary>RTM_NEWADDR and RTM_DELADDR messages to <see cref="Address"/>.</summary>
internal static class AddressParser
{
    private const int HeaderLength = 8; // struct ifaddrmsg

    /// <summary>False for bytes that are no IPv4 or IPv6 address.</summary>
    public static bool TryParse(ReadOnlySpan<byte> payload, out Address address)
    {
        address = null!;
        if (payload.Length < HeaderLength)
            return false;
        var size = payload[0] switch { Family.IPv4 => 4, Family.IPv6 => 16, _ => 0 };
        if (size == 0 || payload[1] > size * 8)
            return false;

        IPAddress? prefix = null, local = null;
        var flags = (uint)payload[2];
        byte protocol = 0;
        string? label = null;
        var attributes = new NetlinkAttributes(payload[HeaderLength..]);
        while (attributes.TryNext(out var attribute))
            switch (attribute.Type)
            {
                case AddressAttribute.Address when attribute.Payload.Length == size:
                    prefix = new IPAddress(attribute.Payload);
                    break;
                case AddressAttribute.Local when attribute.Payload.Length == size:
                    local = new IPAddress(attribute.Payload);
                    break;
                case AddressAttribute.Flags:
                    flags = attribute.U32 ?? flags;
                    break;
                case AddressAttribute.Protocol:
                    protocol = attribute.U8 ?? 0;
                    break;
                case AddressAttribute.Label:
                    label = attribute.Text;
                    break;
            }

        // IFA_LOCAL is the address and IFA_ADDRESS the peer's; IPv6 without a peer has IFA_ADDRESS alone.
        var own = local ?? prefix;
        if (own is null)
            return false;
        var peer = local is not null && prefix is not null && !prefix.Equals(local) ? prefix : null;
        address = new Address(MemoryMarshal.Read<int>(payload[4..]), own, payload[1], peer, protocol, payload[3], flags, label);
        return true;
    }

    /// <summary>The link of an address message, whatever else is in it; 0 for bytes that are none.</summary>
    public static int LinkOf(ReadOnlySpan<byte> payload) =>
        payload.Length < HeaderLength ? 0 : MemoryMarshal.Read<int>(payload[4..]);
}
