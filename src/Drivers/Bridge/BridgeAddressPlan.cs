using System.Collections.Immutable;
using Provision.Kernel.Netlink;
using Provision.Reconciler;

namespace Provision.Drivers.Bridge;

/// <summary>The addresses that go and come, and those that must be put back because something else takes them away.</summary>
internal sealed class BridgeAddressPlan
{
    private const int SmallestIPv6Mtu = 1280;

    private readonly string _link;
    private readonly IReadOnlyList<Address> _live;
    private readonly HashSet<string> _going;
    private readonly bool _renamed;

    /// <param name="smallestJoining">The smallest MTU among links that become ports; int.MaxValue when none does.</param>
    public BridgeAddressPlan(string link, LiveBridge? live, IEnumerable<FieldChange> changes, int smallestJoining)
    {
        _link = link;
        _live = live?.Addresses ?? [];
        _renamed = live is not null && live.Link.Name != link;
        var items = changes.ToList();
        var coming = items.Select(static c => c.To?.ToString()).OfType<string>().ToHashSet(StringComparer.Ordinal);
        // What is there in the wrong way is made anew: the kernel does not change every flag of an address in place.
        var spoilt = (live?.Spoilt ?? []).Select(static a => a.Text).Where(coming.Contains);
        _going = [.. items.Where(static c => c.To is null).Select(static c => c.From!.ToString()!), .. spoilt];

        var lost = _live.Where(a => !_going.Contains(a.Text) && (LosesItsPrimary(a) || (a.IsIPv6 && smallestJoining < SmallestIPv6Mtu))).ToList();
        // Secondaries first: a primary would take them along, and an undo must find the primary there before them.
        var leaving = _live.Where(a => _going.Contains(a.Text) || lost.Contains(a)).OrderByDescending(static a => a.IsSecondary);
        Leaving = [.. leaving.Select(a => new AddressDelete(_link, a.Local, a.PrefixLength, a.Peer) { Field = Path(a.Text), Undo = Again(a) })];
        IPv6Between = [.. _live.Where(a => a.IsIPv6 && !_going.Contains(a.Text) && !lost.Contains(a)).Select(Again)];
        Joining =
        [
            .. lost.Select(a => Again(a) with { Field = Path(a.Text), Undo = new AddressDelete(_link, a.Local, a.PrefixLength, a.Peer) }),
            .. items.Where(static c => c.To is not null).Select(c => New(c.To!.ToString()!, live is null)),
        ];
        IPv6After = [.. IPv6Between, .. Joining.Cast<AddressAdd>().Where(static a => a.IsIPv6).Select(static a => a with { Undo = null })];
    }

    public IReadOnlyList<Operation> Leaving { get; }

    public IReadOnlyList<Operation> Joining { get; }

    /// <summary>The IPv6 addresses on the link between <see cref="Leaving"/> and <see cref="Joining"/>.</summary>
    public ImmutableArray<AddressAdd> IPv6Between { get; }

    /// <summary>The IPv6 addresses on the link after <see cref="Joining"/>.</summary>
    public ImmutableArray<AddressAdd> IPv6After { get; }

    // The kernel deletes the secondaries of a subnet with its primary, unless promote_secondaries is set.
    private bool LosesItsPrimary(Address address) => address.IsSecondary && _live.Any(p =>
        !p.IsIPv6 && !p.IsSecondary && _going.Contains(p.Text) && p.PrefixLength == address.PrefixLength
        && new InterfaceAddress(p.Local, p.PrefixLength).Network(p.PrefixLength) == new InterfaceAddress(address.Local, address.PrefixLength).Network(address.PrefixLength));

    // A rename rewrites the labels (web0 and web0:2 become web1 and web1:2), so they are given only where the name stays.
    private AddressAdd Again(Address a) =>
        new(_link, a.Local, a.PrefixLength, a.Peer, a.Protocol, a.Scope, _renamed || a.Label == _link ? null : a.Label);

    private AddressAdd New(string text, bool newLink)
    {
        var address = InterfaceAddress.Parse(text);
        var undo = newLink ? null : new AddressDelete(_link, address.Address, address.PrefixLength);
        return new AddressAdd(_link, address.Address, address.PrefixLength) { Field = Path(text), Undo = undo };
    }

    private static string Path(string address) => $"{BridgeFields.Addresses.Path}[{address}]";
}
