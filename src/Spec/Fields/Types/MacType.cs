namespace Provision.Spec;

/// <summary>A 48-bit link-layer address: six hexadecimal bytes with colons (or dashes), canonically lower-case colons.</summary>
internal static class MacType
{
    public static ScalarType Create(bool unicast) => new PatternType(
        "MAC address",
        "a MAC address such as 02:00:00:88:00:01",
        "^[0-9A-Fa-f]{2}(([:-])[0-9A-Fa-f]{2}){5}$",
        text => Normalize(text, unicast))
    { PlainNumbers = true };

    private static (string?, string?) Normalize(string text, bool unicast)
    {
        if (text.Length != 17)
            return (null, null);
        for (var i = 0; i < text.Length; i++)
        {
            var fits = i % 3 == 2 ? text[i] is ':' or '-' && text[i] == text[2] : char.IsAsciiHexDigit(text[i]);
            if (!fits)
                return (null, null);
        }

        var mac = text.ToLowerInvariant().Replace('-', ':');
        if (unicast && (Convert.ToInt32(mac[..2], 16) & 1) != 0)
            return (null, $"{Shown.Text(text)} is a multicast address: the lowest bit of its first byte is set");
        if (unicast && mac == "00:00:00:00:00:00")
            return (null, "a link's MAC address cannot be zero");
        return (mac, null);
    }
}
