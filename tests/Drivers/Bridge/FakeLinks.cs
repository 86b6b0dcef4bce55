using System.Collections.Immutable;
using System.Text.Json;
using Provision.Kernel.Netlink;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Bridge;

/// <summary>
/// A kernel as a golden case's observed.json describes it: links and addresses as <c>ip -j</c> names things, and what
/// a mark records taken from a manifest of its own.
/// </summary>
internal sealed class FakeLinks : ILinkReader
{
    private readonly List<Link> _links = [];
    private readonly List<Address> _addresses = [];
    private readonly Dictionary<int, IReadOnlyList<BridgeVlan>> _vlans = [];
    private readonly bool? _vlanFiltering;
    private readonly ImmutableArray<string> _netfilter = [];

    public FakeLinks(string folder, Scope scope)
    {
        var file = Path.Combine(folder, "observed.json");
        if (!File.Exists(file))
            return;
        using var document = JsonDocument.Parse(File.ReadAllText(file));
        var root = document.RootElement;
        _vlanFiltering = root.TryGetProperty("vlanFiltering", out var vlan) ? vlan.GetBoolean() : null;
        _netfilter = root.TryGetProperty("netfilter", out var tables) ? [.. tables.EnumerateArray().Select(static t => t.GetString()!)] : [];
        TickNanoseconds = root.TryGetProperty("tick", out var tick) ? tick.GetInt64() : TickNanoseconds;
        var shown = root.GetProperty("links").EnumerateArray().ToList();
        for (var i = 0; i < shown.Count; i++)
            _links.Add(Read(shown[i], i + 2, folder, scope));
        for (var i = 0; i < shown.Count; i++)
        {
            if (shown[i].TryGetProperty("master", out var master))
                _links[i] = _links[i] with { Master = _links.Single(l => l.Name == master.GetString()).Index, MasterKind = "bridge" };
            if (shown[i].TryGetProperty("parent", out var parent))
                _links[i] = _links[i] with { Parent = _links.Single(l => l.Name == parent.GetString()).Index };
        }
    }

    public long TickNanoseconds { get; } = 4_000_000;

    public LinkTable ReadLinks() => new(_links);

    public LinkTable ReadLinks(IEnumerable<string> names) => new(_links.Where(l => names.Contains(l.Name)));

    public LinkTable ReadPorts(int master) => new(_links.Where(l => l.Master == master));

    public AddressTable ReadAddresses() => new(_addresses);

    public AddressTable ReadAddresses(int link) => new(_addresses.Where(a => a.Link == link));

    public BridgeVlanTable ReadBridgeVlans() => new(_vlans);

    public bool? HasVlanFiltering(LinkTable links) => _vlanFiltering;

    public NetfilterTables ReadBridgeNetfilter() => new(_netfilter);

    private Link Read(JsonElement shown, int index, string folder, Scope scope)
    {
        var kind = Text(shown, "kind");
        var link = new Link(
            index, Text(shown, "name")!, Group(shown, scope), kind, Alias(shown, folder, scope), Number(shown, "mtu") ?? 1500,
            Text(shown, "mac"), shown.TryGetProperty("up", out var up) && up.GetBoolean(), 0)
        {
            Type = (ushort)(Number(shown, "type") ?? 1),
            Bridge = kind == "bridge" ? Bridge(shown) : null,
            Port = shown.TryGetProperty("master", out _) ? Port(shown) : null,
        };
        foreach (var address in Items(shown, "addresses"))
            _addresses.Add(ReadAddress(address.GetString()!, index, link.Name));
        if (shown.TryGetProperty("vlans", out var vlans))
            _vlans[index] = [.. vlans.EnumerateArray().Select(static v => new BridgeVlan(
                v.GetProperty("first").GetInt32(), v.GetProperty("last").GetInt32(), v.TryGetProperty("pvid", out _), v.TryGetProperty("untagged", out _)))];
        return link;
    }

    // "10.0.0.1/24", "10.0.0.2/24 secondary", "fe80::1/64 kernel" (made by it), "fe80::2/64 unknown" (by somebody),
    // "10.0.0.1/24 deprecated", "10.0.0.1/24 scope-link"
    private static Address ReadAddress(string text, int index, string name)
    {
        var words = text.Split(' ');
        var address = InterfaceAddress.Parse(words[0]);
        return new Address(
            index, address.Address, address.PrefixLength, null, words.Contains("kernel") ? (byte)3 : words.Contains("unknown") ? (byte)0 : Address.Provision,
            words.Contains("scope-link") ? (byte)253 : (byte)0, words.Skip(1).Aggregate(0x80u, static (flags, word) => flags ^ Flag(word)),
            address.IsIPv6 ? null : name)
        {
            TellsProtocol = true,
        };
    }

    // IFA_F_* of linux/if_addr.h; "dynamic" is without IFA_F_PERMANENT.
    private static uint Flag(string word) => word switch
    {
        "secondary" => 0x01,
        "dadfailed" => 0x08,
        "deprecated" => 0x20,
        "dynamic" => 0x80,
        "noprefixroute" => 0x200,
        _ => 0,
    };

    private Kernel.Netlink.BridgeState Bridge(JsonElement shown) => new()
    {
        ForwardDelay = (uint)(Number(shown, "forward_delay") ?? 1500),
        HelloTime = (uint)(Number(shown, "hello_time") ?? 200),
        MaxAge = (uint)(Number(shown, "max_age") ?? 2000),
        AgeingTime = (uint)(Number(shown, "ageing_time") ?? 30000),
        StpState = (uint)(Number(shown, "stp_state") ?? 0),
        Priority = (ushort)(Number(shown, "priority") ?? 32768),
        VlanFiltering = (byte)(Number(shown, "vlan_filtering") ?? 0),
        GroupForwardMask = (ushort)(Number(shown, "group_fwd_mask") ?? 0),
        MulticastSnooping = (byte)(Number(shown, "mcast_snooping") ?? 1),
        MulticastQuerier = (byte)(Number(shown, "mcast_querier") ?? 0),
        MulticastQueryInterval = (uint)(Number(shown, "mcast_query_interval") ?? 12500),
        MulticastIgmpVersion = (byte)(Number(shown, "mcast_igmp_version") ?? 2),
        MulticastMldVersion = (byte)(Number(shown, "mcast_mld_version") ?? 1),
        VlanDefaultPvid = _vlanFiltering == false ? null : (ushort)(Number(shown, "vlan_default_pvid") ?? 1),
        CallsNetfilter = Number(shown, "nf_call_iptables") > 0,
    };

    private static PortState Port(JsonElement shown) => new()
    {
        Cost = (uint)(Number(shown, "cost") ?? 2),
        Priority = (ushort)(Number(shown, "priority") ?? 32),
        Hairpin = (byte)(Number(shown, "hairpin") ?? 0),
        Isolated = (byte)(Number(shown, "isolated") ?? 0),
    };

    private static uint Group(JsonElement shown, Scope scope) =>
        Text(shown, "group") is "doomed" ? 0x5100_0007 : Text(shown, "group") is "ours" || shown.TryGetProperty("mark", out _) ? AliasMark.Group(scope.Instance) : 0;

    // "mark": "recorded.yaml" is what an apply of that manifest would have written.
    private static string? Alias(JsonElement shown, string folder, Scope scope)
    {
        if (Text(shown, "mark") is not { } file)
            return Text(shown, "alias");
        var set = Manifests.Load([Path.Combine(folder, file)], new KindRegistry([BridgeSchema.Schema])).Set;
        var resource = set.Ordered.Single(r => BridgeNames.LinkOf(r) == (Text(shown, "was") ?? Text(shown, "name")));
        var effective = EffectiveSpec.Fill(BridgeSchema.Schema.Fields, resource.Spec);
        return AliasMark.Of(scope, resource.Id, resource.Metadata.DeletionPolicy, BridgeSchema.Schema, effective).ToString();
    }

    private static string? Text(JsonElement shown, string name) => shown.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static int? Number(JsonElement shown, string name) => shown.TryGetProperty(name, out var value) ? value.GetInt32() : null;

    private static IEnumerable<JsonElement> Items(JsonElement shown, string name) =>
        shown.TryGetProperty(name, out var value) ? value.EnumerateArray() : [];
}
