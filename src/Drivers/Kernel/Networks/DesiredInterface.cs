using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using Provision.Kernel.Sandbox;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Kernel.Networks;

/// <summary>An address with its prefix length, or a network.</summary>
internal sealed record Prefix(IPAddress Address, byte Length)
{
    public string Text => $"{IpText.Format(Address.GetAddressBytes())}/{Length}";

    public bool IsIPv6 => Address.GetAddressBytes().Length == 16;

    /// <summary>The same with every bit beyond the length cleared.</summary>
    public Prefix Network
    {
        get
        {
            var bytes = Address.GetAddressBytes();
            for (var bit = (int)Length; bit < bytes.Length * 8; bit++)
                bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
            return new Prefix(new IPAddress(bytes), Length);
        }
    }

    public static Prefix? Parse(string text)
    {
        var slash = text.IndexOf('/');
        return slash > 0 && IpText.Parse(text[..slash]) is { } bytes
            && byte.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length <= bytes.Length * 8
                ? new Prefix(new IPAddress(bytes), length)
                : null;
    }
}

/// <param name="To">Without host bits.</param>
internal sealed record DesiredRoute(Prefix To, IPAddress Via);

/// <summary>A <see cref="NetworkAttachment"/> that was read and found sound.</summary>
/// <param name="Mac">Lower case with colons; null leaves the kernel's choice.</param>
internal sealed record DesiredInterface(
    string Name, string Bridge, string? Mac, ImmutableArray<Prefix> Addresses, ImmutableArray<DesiredRoute> Routes)
{
    /// <summary>Bytes, of both ends; null leaves what they were made with.</summary>
    public int? Mtu { get; init; }

    private const int SmallestMtu = 68, LargestMtu = 65535; // ETH_MIN_MTU, ETH_MAX_MTU
    private const int MaxNameLength = 15; // IFNAMSIZ - 1
    private const string Default = "default";

    /// <summary>Nothing is written where this finds an error: EINVAL with the value and what is wrong with it.</summary>
    public static (DesiredInterface? Interface, KernelError? Error) Parse(string container, NetworkAttachment attachment)
    {
        KernelError? error = null;
        void Fail(string value, string detail) =>
            error ??= new KernelError("set interface", $"{attachment.Interface} of {container}", value, Errno.EINVAL, detail);

        if (!IsName(attachment.Interface))
            Fail(attachment.Interface, "a link inside has a name of 1 to 15 bytes without '/', ':' and spaces, and is not lo");
        if (!IsName(attachment.Bridge))
            Fail(attachment.Bridge, "a bridge has a name of 1 to 15 bytes without '/', ':' and spaces");
        var mac = attachment.Mac?.ToLowerInvariant();
        if (mac is not null && !IsMac(mac))
            Fail(mac, "a MAC address has six bytes with colons, not all zero and not a group's");
        if (attachment.Mtu is < SmallestMtu or > LargestMtu)
            Fail($"mtu {attachment.Mtu}", $"an MTU is {SmallestMtu} to {LargestMtu}");
        var addresses = new List<Prefix>();
        foreach (var text in attachment.Addresses)
            if (Prefix.Parse(text) is { } address)
                addresses.Add(address);
            else
                Fail($"address {text}", "an address has a prefix length: 10.88.0.2/24");
        var routes = new List<DesiredRoute>();
        foreach (var route in attachment.Routes)
            if (Route(route, detail => Fail($"route {route.To} via {route.Via}", detail)) is { } sound)
                routes.Add(sound);
        if (routes.GroupBy(static r => r.To).FirstOrDefault(static g => g.Count() > 1) is { } twice)
            Fail($"route {twice.Key.Text}", "there can be one route to a network");
        return error is null
            ? (new DesiredInterface(attachment.Interface, attachment.Bridge, mac, [.. addresses.Distinct()], [.. routes]) { Mtu = attachment.Mtu }, null)
            : (null, error);
    }

    private static DesiredRoute? Route(RouteSpec route, Action<string> fail)
    {
        if (IpText.Parse(route.Via) is not { } via)
        {
            fail("the gateway is no address");
            return null;
        }

        var to = route.To == Default ? new Prefix(new IPAddress(new byte[via.Length]), 0) : Prefix.Parse(route.To);
        if (to is null)
            fail("a route leads to a network in CIDR notation or to default");
        else if (to.IsIPv6 != (via.Length == 16))
            fail("the gateway is of the other address family");
        else if (to != to.Network)
            fail($"the network is {to.Network.Text}");
        else
            return new DesiredRoute(to, new IPAddress(via));
        return null;
    }

    private static bool IsName(string name) =>
        Encoding.UTF8.GetByteCount(name) is > 0 and <= MaxNameLength && name is not ("." or ".." or "lo")
        && !name.Any(static c => c is '/' or ':' || char.IsWhiteSpace(c) || char.IsControl(c));

    private static bool IsMac(string mac)
    {
        var parts = mac.Split(':');
        return parts.Length == 6
            && Array.TrueForAll(parts, static p => p.Length == 2 && p.All(char.IsAsciiHexDigit))
            && (byte.Parse(parts[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture) & 1) == 0
            && mac != "00:00:00:00:00:00";
    }
}
