using System.Collections.Immutable;
using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Provision.Kernel.Netlink;

/// <summary>The codec against bytes recorded from iproute2 6.1 and Linux 6.18.</summary>
public sealed class CapturedBytesTests
{
    private static readonly Dictionary<string, RtnetlinkOperation> Operations = new()
    {
        ["link-add-bridge"] = new LinkCreate("br7", 0x50000007, "02:00:00:00:00:07", ImmutableSortedDictionary<BridgeAttribute, uint>.Empty
            .Add(BridgeAttribute.AgeingTime, 12345).Add(BridgeAttribute.StpState, 1).Add(BridgeAttribute.Priority, 4096)),
        ["link-set-alias"] = new LinkSetAlias("web0", "provision/v1"),
        ["link-set-noalias"] = new LinkSetAlias("web0", ""),
        ["link-set-group"] = new LinkSetGroup("web0", 0x50000007),
        ["link-set-mtu"] = new LinkSetMtu("web0", 1400),
        ["link-set-mac"] = new LinkSetMac("web0", "02:00:00:88:00:01"),
        ["link-set-up"] = new LinkSetUp("web0", true),
        ["link-set-down"] = new LinkSetUp("web0", false),
        ["link-set-nomaster"] = new LinkSetMaster("eth1", null),
        ["link-set-master"] = new LinkSetMaster("eth1", "web0"),
        ["link-rename"] = new LinkRename("web0", "web1"),
        ["link-delete"] = new LinkDelete("web1"),
        ["port-set-hairpin"] = new PortSet("eth1", PortAttribute.Hairpin, 1),
        ["port-set-isolated"] = new PortSet("eth1", PortAttribute.Isolated, 1),
        ["port-set-cost"] = new PortSet("eth1", PortAttribute.Cost, 7),
        ["port-set-priority"] = new PortSet("eth1", PortAttribute.Priority, 9),
        ["bridge-set-forward-delay"] = new BridgeSet("web0", BridgeAttribute.ForwardDelay, 1000),
        ["bridge-set-hello-time"] = new BridgeSet("web0", BridgeAttribute.HelloTime, 300),
        ["bridge-set-max-age"] = new BridgeSet("web0", BridgeAttribute.MaxAge, 1000),
        ["bridge-set-ageing-time"] = new BridgeSet("web0", BridgeAttribute.AgeingTime, 30000),
        ["bridge-set-stp"] = new BridgeSet("web0", BridgeAttribute.StpState, 1),
        ["bridge-set-priority"] = new BridgeSet("web0", BridgeAttribute.Priority, 4096),
        ["bridge-set-vlan-filtering"] = new BridgeSet("web0", BridgeAttribute.VlanFiltering, 1),
        ["bridge-set-group-fwd-mask"] = new BridgeSet("web0", BridgeAttribute.GroupForwardMask, 8),
        ["bridge-set-mcast-snooping"] = new BridgeSet("web0", BridgeAttribute.MulticastSnooping, 0),
        ["bridge-set-mcast-querier"] = new BridgeSet("web0", BridgeAttribute.MulticastQuerier, 1),
        ["bridge-set-mcast-query-interval"] = new BridgeSet("web0", BridgeAttribute.MulticastQueryInterval, 6000),
        ["bridge-set-mcast-igmp-version"] = new BridgeSet("web0", BridgeAttribute.MulticastIgmpVersion, 3),
        ["bridge-set-mcast-mld-version"] = new BridgeSet("web0", BridgeAttribute.MulticastMldVersion, 2),
        ["bridge-set-vlan-default-pvid"] = new BridgeSetDefaultPvid("web0", 5, []),
        ["address-add-v4"] = new AddressAdd("web0", IPAddress.Parse("10.88.0.1"), 24, Protocol: 0),
        ["address-add-v6"] = new AddressAdd("web0", IPAddress.Parse("fd00:88::1"), 64, Protocol: 0),
        ["address-add-peer"] = new AddressAdd("eth1", IPAddress.Parse("10.9.0.1"), 32, IPAddress.Parse("10.9.0.2"), Protocol: 0),
        ["address-delete-v4"] = new AddressDelete("web0", IPAddress.Parse("10.88.0.1"), 24),
        ["address-add-nodad"] = new AddressAdd("web9", IPAddress.Parse("fd00:99::9"), 64, Protocol: 0) { AtOnce = true },
        ["veth-create"] = new VethCreate("pv1", 0x50000007, "web9", 1400, "eth0", "02:00:00:99:00:02")
        {
            // The number that it had in iproute2's process.
            Namespace = new SafeFileHandle(4, ownsHandle: false),
            Place = "web-1",
        },
        ["route-add-v4"] = new RouteAdd("web9", IPAddress.Parse("10.7.0.0"), 16, IPAddress.Parse("10.99.0.2")),
        ["route-add-v6"] = new RouteAdd("web9", IPAddress.IPv6Any, 0, IPAddress.Parse("fd00:99::2")),
        ["route-delete-v4"] = new RouteDelete("web9", IPAddress.Parse("10.7.0.0"), 16, IPAddress.Parse("10.99.0.2")),
        ["route-delete-v6"] = new RouteDelete("web9", IPAddress.IPv6Any, 0, IPAddress.Parse("fd00:99::2")),
        ["route-delete-metric"] = new RouteDelete("web9", IPAddress.Parse("10.6.0.0"), 16, null, 0, Metric: 5) { Whole = true },
        ["vlan-add-range"] = new BridgeVlanAdd("eth1", new BridgeVlan(20, 30, false, false)),
        ["vlan-add-pvid"] = new BridgeVlanAdd("eth1", new BridgeVlan(10, 10, true, true)),
        ["vlan-delete"] = new BridgeVlanDelete("eth1", new BridgeVlan(10, 10, false, false)),
    };

    // Recorded for the parsers alone.
    private static readonly string[] ReadOnly = ["link-get-veth", "route-add-refused", "route-add-multipath", "route-add-via6", "route-dump-v4", "route-dump-v6"];

    public static TheoryData<string> Changes => [.. Operations.Keys];

    [Theory]
    [MemberData(nameof(Changes))]
    public void Write_AnOperation_SaysWhatIprouteSays(string name)
    {
        var captured = Captured.Load(name);
        var writer = new NetlinkWriter(32);
        Operations[name].Write(writer, Indexes(captured.Request, Operations[name]));

        // iproute2 calls port options a kind "bridge_slave" of its own; the kernel reads neither name.
        var expected = Shape.Of(captured.Request).Replace("18/1 6272696467655F736C617665/text", "18/4 627269646765/text");
        Assert.Equal(expected, Shape.Of(writer.Written));
    }

    [Fact]
    public void Operations_WithTheCaptures_CoverEveryOperationOfTheKernelLayer()
    {
        var covered = Operations.Values.Select(static o => o.GetType()).ToHashSet();
        var all = typeof(RtnetlinkOperation).Assembly.GetTypes().Where(static t => t.IsSubclassOf(typeof(RtnetlinkOperation)) && !t.IsAbstract);

        Assert.Empty(all.Except(covered));
        Assert.Empty(Captured.Names.Except([.. Operations.Keys, "link-get-bridge", "link-get-port", "address-dump", "address-add-twice", .. ReadOnly]));
    }

    [Fact]
    public void ParseLink_OfABridge_ReadsEveryField()
    {
        var link = LinkOf("link-get-bridge");

        Assert.Equal(("web0", "bridge", 0x50000007u, 1400, "02:00:00:88:00:01"), (link.Name, link.Kind, link.Group, link.Mtu, link.Mac));
        Assert.False(link.Up);
        Assert.Null(link.Alias);
        Assert.Equal(0, link.Master);
        Assert.Equal((68u, 65535u), (link.MinMtu, link.MaxMtu));
        Assert.Equal(
            new BridgeState
            {
                ForwardDelay = 1000,
                HelloTime = 300,
                MaxAge = 1000,
                AgeingTime = 30000,
                StpState = 1,
                Priority = 4096,
                VlanFiltering = 0,
                VlanProtocol = null,
                GroupForwardMask = 8,
                MulticastSnooping = 0,
                MulticastQuerier = 0,
                MulticastQueryInterval = 12500,
                MulticastIgmpVersion = 2,
                MulticastMldVersion = 1,
            },
            link.Bridge);
    }

    [Fact]
    public void ParseLink_OfAPort_ReadsItsOptionsAndItsMaster()
    {
        var link = LinkOf("link-get-port");

        Assert.Equal(("eth1", "veth", "bridge"), (link.Name, link.Kind, link.MasterKind));
        Assert.Equal(LinkOf("link-get-bridge").Index, link.Master);
        Assert.Equal(new PortState { Cost = 7, Priority = 9, Hairpin = 1, Isolated = 1 }, link.Port);
        Assert.Null(link.Bridge);
        Assert.True(link.Parent > 0);
    }

    [Fact]
    public void ParseAddress_OfADump_ReadsBothFamilies()
    {
        var addresses = new List<Address>();
        foreach (var datagram in Captured.Load("address-dump").Answers)
        {
            var messages = new NetlinkMessages(datagram);
            while (messages.TryNext(out var message))
                if (message.Type == MessageType.NewAddress && AddressParser.TryParse(message.Payload, out var address))
                    addresses.Add(address);
        }

        Assert.Equal(["10.88.0.1/24", "fd00:88::1/64"], addresses.Select(static a => a.Text));
        Assert.Equal("web0", addresses[0].Label);
        Assert.All(addresses, static a => Assert.True(a.IsPermanent && !a.IsAutomatic && !a.IsSecondary));
    }

    [Fact]
    public void ParseLink_OfAVethWithItsPeerElsewhere_KnowsTheNamespace()
    {
        var link = LinkOf("link-get-veth");

        Assert.Equal(("pv1", "veth", 1400, true), (link.Name, link.Kind, link.Mtu, link.Up));
        Assert.Equal((2, 0, true), (link.Parent, link.ParentNamespace, link.ParentIsElsewhere));
        Assert.Null(LinkOf("link-get-port").ParentNamespace);
    }

    [Fact]
    public void ParseRoute_OfADumpOfIPv4_ReadsEveryField()
    {
        var routes = Routes("route-dump-v4");

        Assert.Equal(
            [
                "10.5.0.0/16 fd00:99::2 table 1000",
                "10.6.0.0/16 nexthop 10.99.0.2 nexthop 10.99.0.3 metric 5",
                "10.7.0.0/16 10.99.0.2",
                "10.9.0.1/32 type local table 255 src 10.9.0.1",
                "10.99.0.0/24 scope link src 10.99.0.1",
                "10.99.0.1/32 type local table 255 src 10.99.0.1",
                "10.99.0.255/32 type broadcast table 255 src 10.99.0.1",
            ],
            routes.Select(static r => $"{r.To} {r.Via}").Order(StringComparer.Ordinal));
        var plain = Assert.Single(routes, static r => r.IsPlain);
        Assert.Equal((Route.Provision, Route.MainTable, RouteType.Unicast, 0u), (plain.Protocol, plain.Table, plain.Type, plain.Metric));
        var multipath = routes.Single(static r => r.Hops.Length > 0);
        Assert.All(multipath.Hops, h => Assert.Equal(plain.Link, h.Link));
        Assert.True(multipath.Uses(plain.Link));
        Assert.False(multipath.Uses(0));
    }

    [Fact]
    public void ParseRoute_OfADumpOfIPv6_KnowsTheDefault()
    {
        var plain = Assert.Single(Routes("route-dump-v6"), static r => r.IsPlain);

        Assert.Equal(("default", "fd00:99::2", 1024u, Route.Provision), (plain.To, plain.Via, plain.Metric, plain.Protocol));
        Assert.All(Routes("route-dump-v6").Where(static r => !r.IsPlain), static r => Assert.Equal(Route.KernelProtocol, r.Protocol));
    }

    [Fact]
    public void ParseAnswer_OfARouteNobodyCanReach_HasTheKernelsWords()
    {
        var messages = new NetlinkMessages(Captured.Load("route-add-refused").Answers.Single());
        Assert.True(messages.TryNext(out var message));

        Assert.Equal(new NetlinkAnswer(101, "Nexthop has invalid gateway", null), NetlinkAnswer.Parse(message));
    }

    [Fact]
    public void ParseAnswer_OfARefusal_HasTheKernelsWords()
    {
        var messages = new NetlinkMessages(Captured.Load("address-add-twice").Answers.Single());
        Assert.True(messages.TryNext(out var message));

        Assert.Equal(new NetlinkAnswer(17, "ipv6: address already assigned", null), NetlinkAnswer.Parse(message));
    }

    [Fact]
    public void ParseAnswer_OfSuccess_HasNoErrno()
    {
        var messages = new NetlinkMessages(Captured.Load("link-set-mtu").Answers.Single());
        Assert.True(messages.TryNext(out var message));

        Assert.Equal(new NetlinkAnswer(0, null, null), NetlinkAnswer.Parse(message));
    }

    private static List<Route> Routes(string name)
    {
        var routes = new List<Route>();
        foreach (var datagram in Captured.Load(name).Answers)
        {
            var messages = new NetlinkMessages(datagram);
            while (messages.TryNext(out var message))
                if (message.Type == MessageType.NewRoute && RouteParser.TryParse(message.Payload, out var route))
                    routes.Add(route);
        }

        return routes;
    }

    private static Link LinkOf(string name)
    {
        var messages = new NetlinkMessages(Captured.Load(name).Answers.Single());
        Assert.True(messages.TryNext(out var message));
        Assert.True(LinkParser.TryParse(message.Payload, out _, out var link));
        return link;
    }

    // The indexes of the day are in the recorded request: the link's in the header or in RTA_OIF, the master's in IFLA_MASTER.
    private static LinkIndexes Indexes(byte[] request, RtnetlinkOperation operation)
    {
        var byName = new Dictionary<string, int>
        {
            [operation.Link] = operation is RouteChange ? Index(request, 12, RouteAttribute.OutputLink) : MemoryMarshal.Read<int>(request.AsSpan(20)),
        };
        if (operation is LinkSetMaster { Master: { } master })
            byName[master] = Index(request, 16, LinkAttribute.Master);
        if (operation is VethCreate veth)
            byName[veth.Master] = Index(request, 16, LinkAttribute.Master);
        return new LinkIndexes(byName);
    }

    private static int Index(byte[] request, int header, ushort type)
    {
        var attributes = new NetlinkAttributes(request.AsSpan(NetlinkWriter.HeaderLength + header));
        while (attributes.TryNext(out var attribute))
            if (attribute.Type == type)
                return MemoryMarshal.Read<int>(attribute.Payload);
        return 0;
    }
}
