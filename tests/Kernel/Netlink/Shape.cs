using System.Runtime.InteropServices;

namespace Provision.Kernel.Netlink;

/// <summary>
/// A message as text, read by a walker of the tests' own: attributes sorted, the optional NLA_F_NESTED flag and the
/// sequence number left out, so that two requests that say the same look the same.
/// </summary>
internal static class Shape
{
    private const int Header = 16;

    // Type of the message → fixed part; attribute path → it is a nest.
    private static readonly Dictionary<int, int> Fixed = new() { [16] = 16, [17] = 16, [18] = 16, [19] = 16, [20] = 8, [21] = 8, [22] = 8, [24] = 12, [25] = 12, [26] = 12 };
    private static readonly HashSet<string> Nests = ["18", "18/2", "18/5", "26"];

    public static string Of(ReadOnlySpan<byte> datagram)
    {
        var text = new List<string>();
        for (var at = 0; at < datagram.Length;)
        {
            var length = MemoryMarshal.Read<int>(datagram[at..]);
            text.Add(One(datagram.Slice(at, length)));
            at += (length + 3) & ~3;
        }

        return string.Join('\n', text);
    }

    private static string One(ReadOnlySpan<byte> message)
    {
        int type = MemoryMarshal.Read<ushort>(message[4..]), flags = MemoryMarshal.Read<ushort>(message[6..]);
        var body = Header + Fixed[type];
        var isLink = Fixed[type] == 16;
        return $"type {type} flags {flags:x} fixed {Convert.ToHexString(message[Header..body])}{Attributes(message[body..], "", isLink)}";
    }

    private static string Attributes(ReadOnlySpan<byte> bytes, string path, bool isLink)
    {
        var text = new List<string>();
        for (var at = 0; at < bytes.Length;)
        {
            int length = MemoryMarshal.Read<ushort>(bytes[at..]), type = MemoryMarshal.Read<ushort>(bytes[(at + 2)..]) & 0x3fff;
            var payload = bytes[(at + 4)..(at + length)];
            var here = path.Length == 0 ? $"{type}" : $"{path}/{type}";
            text.Add(isLink && Nests.Contains(here)
                ? $"\n {here}{Attributes(payload, here, isLink)}"
                // A veth's other end is a struct ifinfomsg and attributes; a bridge's setting of this number has four bytes.
                : isLink && here == "18/2/1" && payload.Length > 4
                ? $"\n {here} {Convert.ToHexString(payload[..16])}{Attributes(payload[16..], here, isLink)}"
                // The kernel takes names with and without a closing NUL; iproute2 does both.
                : $"\n {here} {Convert.ToHexString(payload.TrimEnd((byte)0))}/{(payload.Length > 4 || here == "18/1" ? "text" : payload.Length)}");
            at += (length + 3) & ~3;
        }

        // A VLAN range is two attributes of one type whose order counts.
        return string.Concat(text.OrderBy(static t => t.Split(' ', 3)[1], StringComparer.Ordinal));
    }
}
