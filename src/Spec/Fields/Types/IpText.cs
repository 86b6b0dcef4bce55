using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Provision.Spec;

/// <summary>The one text form of IP addresses: dotted decimal, and RFC 5952 for IPv6 (as inet_ntop(3) and ip(8) write it).</summary>
public static class IpText
{
    /// <summary>The text of 4 or 16 address bytes in network order.</summary>
    public static string Format(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        4 => string.Create(CultureInfo.InvariantCulture, $"{bytes[0]}.{bytes[1]}.{bytes[2]}.{bytes[3]}"),
        16 => FormatV6(bytes),
        _ => throw new ArgumentException("an IP address has 4 or 16 bytes", nameof(bytes)),
    };

    /// <summary>4 or 16 bytes in network order; null for text that is no address (no zone, no octal, no short forms).</summary>
    public static byte[]? Parse(string text)
    {
        if (text.Contains(':'))
            return text.AsSpan().ContainsAnyExcept("0123456789abcdefABCDEF:.")
                || !IPAddress.TryParse(text, out var v6) || v6.AddressFamily != AddressFamily.InterNetworkV6
                    ? null
                    : v6.GetAddressBytes();

        var parts = text.Split('.');
        if (parts.Length != 4)
            return null;
        var bytes = new byte[4];
        for (var i = 0; i < 4; i++)
        {
            var part = parts[i];
            if (part.Length > 3 || (part.Length > 1 && part[0] == '0')
                || !byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out bytes[i]))
                return null;
        }

        return bytes;
    }

    // .NET's own text writes some IPv6 addresses (ISATAP, IPv4-compatible) with dots where ip(8) does not.
    private static string FormatV6(ReadOnlySpan<byte> bytes)
    {
        Span<int> groups = stackalloc int[8];
        for (var i = 0; i < 8; i++)
            groups[i] = (bytes[2 * i] << 8) | bytes[(2 * i) + 1];
        if (!groups[..5].ContainsAnyExcept(0) && groups[5] == 0xffff)
            return "::ffff:" + Format(bytes[12..]);

        var (zeros, length) = LongestZeros(groups);
        var text = new StringBuilder(39);
        for (var i = 0; i < 8; i++)
        {
            if (i == zeros)
            {
                text.Append("::");
                i += length - 1;
                continue;
            }

            if (text.Length > 0 && text[^1] != ':')
                text.Append(':');
            text.Append(groups[i].ToString("x", CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }

    // RFC 5952, 4.2: the longest run, the first of equals, never a single group.
    private static (int Start, int Length) LongestZeros(ReadOnlySpan<int> groups)
    {
        var best = (Start: -1, Length: 1);
        for (var i = 0; i < groups.Length; i++)
        {
            var length = 0;
            while (i + length < groups.Length && groups[i + length] == 0)
                length++;
            if (length > best.Length)
                best = (i, length);
            i += length;
        }

        return best;
    }
}
