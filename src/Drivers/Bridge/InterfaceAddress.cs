using System.Net;
using System.Net.Sockets;

namespace Provision.Drivers.Bridge;

/// <summary>An address with its prefix length, as canonical manifest text has it.</summary>
internal readonly record struct InterfaceAddress(IPAddress Address, byte PrefixLength)
{
    private const byte HostV4 = 32, HostV6 = 128;

    public bool IsIPv6 => Address.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>A subnet of one.</summary>
    public bool IsHost => PrefixLength == (IsIPv6 ? HostV6 : HostV4);

    /// <summary>The text has passed its field's type.</summary>
    public static InterfaceAddress Parse(string text)
    {
        var slash = text.IndexOf('/');
        return new InterfaceAddress(IPAddress.Parse(text.AsSpan(0, slash)), byte.Parse(text.AsSpan(slash + 1)));
    }

    /// <summary>The bits of the network, cut to a length, as a key that is comparable within a family.</summary>
    public string Network(int length)
    {
        var bytes = Address.GetAddressBytes();
        for (var bit = length; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return Convert.ToHexString(bytes);
    }
}
