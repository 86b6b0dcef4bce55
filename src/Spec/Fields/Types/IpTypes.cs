using System.Globalization;

namespace Provision.Spec;

/// <summary>Addresses, addresses with a prefix, networks.</summary>
internal static class IpTypes
{
    public static readonly ScalarType Address = new PatternType(
        "IP address",
        "an IP address such as 10.0.0.1 or fd00::1",
        "^[0-9a-fA-F.:]+$",
        static text => IpText.Parse(text) is { } bytes ? (IpText.Format(bytes), null) : (null, NotAnAddress(text)));

    public static readonly ScalarType InterfaceAddress = new PatternType(
        "address/prefix",
        "an IP address with its prefix length such as 10.0.0.1/24 or fd00::1/64",
        "^[0-9a-fA-F.:]+/[0-9]{1,3}$",
        NormalizeInterface);

    public static readonly ScalarType Network = new PatternType(
        "network",
        "a network such as 10.0.0.0/24 or fd00::/64",
        "^[0-9a-fA-F.:]+/[0-9]{1,3}$",
        NormalizeNetwork);

    private static (string?, string?) NormalizeInterface(string text)
    {
        if (!TryPrefixed(text, out var bytes, out var prefix, out var error))
            return (null, error);
        if (!bytes.AsSpan().ContainsAnyExcept((byte)0))
            return (null, $"{Shown.Text(text)} is the unspecified address, which no link can have");
        if (bytes.Length == 16 ? bytes[0] == 0xff : bytes[0] is >= 224 and < 240)
            return (null, $"{Shown.Text(text)} is a multicast address, which no link can have");
        return (Join(bytes, prefix), null);
    }

    private static (string?, string?) NormalizeNetwork(string text)
    {
        if (!TryPrefixed(text, out var bytes, out var prefix, out var error))
            return (null, error);
        var masked = Mask(bytes, prefix);
        return bytes.AsSpan().SequenceEqual(masked)
            ? (Join(bytes, prefix), null)
            : (null, $"{Shown.Text(text)} has host bits set; the network is {Join(masked, prefix)}");
    }

    private static bool TryPrefixed(string text, out byte[] bytes, out int prefix, out string? error)
    {
        prefix = 0;
        var slash = text.IndexOf('/');
        var address = slash < 0 ? text : text[..slash];
        bytes = IpText.Parse(address) ?? [];
        if (bytes.Length == 0)
            error = NotAnAddress(address);
        else if (slash < 0)
            error = $"{Shown.Text(text)} has no prefix length; a single address is {address}/{bytes.Length * 8}";
        else if (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefix)
            || prefix > bytes.Length * 8)
            error = $"{Shown.Text(text[slash..])} is not a prefix length from /0 to /{bytes.Length * 8}";
        else
            error = null;
        return error is null;
    }

    private static byte[] Mask(byte[] bytes, int prefix)
    {
        var masked = (byte[])bytes.Clone();
        for (var i = 0; i < masked.Length; i++)
        {
            var kept = Math.Clamp(prefix - (i * 8), 0, 8);
            masked[i] &= (byte)(0xff00 >> kept);
        }

        return masked;
    }

    private static string Join(byte[] bytes, int prefix) =>
        IpText.Format(bytes) + "/" + prefix.ToString(CultureInfo.InvariantCulture);

    private static string NotAnAddress(string text) => $"{Shown.Text(text)} is not an IPv4 or IPv6 address";
}
