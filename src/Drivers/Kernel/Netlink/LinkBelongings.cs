namespace Provision.Kernel.Netlink;

/// <summary>
/// What links lose when they go down: IPv6 addresses and routes that somebody gave them. What the kernel makes by
/// itself (link-local addresses, routes of addresses, what a router advertises) comes back by itself.
/// </summary>
internal sealed class LinkBelongings(IReadOnlySet<int> links, bool tellsProtocol)
{
    private const int AddressHeaderLength = 8; // struct ifaddrmsg

    private readonly List<byte[]> _addresses = [];
    private readonly List<byte[]> _routes = [];
    private readonly List<byte[]> _routesOfAFamily = [];

    /// <summary>Routes by nexthop objects (ip-nexthop(8)): the objects go with the link and cannot be given back as routes.</summary>
    public bool HasNexthopObjects { get; private set; }

    public int Count => _addresses.Count + _routes.Count;

    public void ForgetAddresses() => _addresses.Clear();

    public void ForgetRoutes() => _routesOfAFamily.Clear();

    /// <summary>A family is read whole: later ones may forget only their own.</summary>
    public void KeepRoutes()
    {
        _routes.AddRange(_routesOfAFamily);
        _routesOfAFamily.Clear();
    }

    public void AddAddress(ushort type, ReadOnlySpan<byte> payload)
    {
        if (type == MessageType.NewAddress && AddressParser.TryParse(payload, out var address)
            && address.IsIPv6 && links.Contains(address.Link) && !(address with { TellsProtocol = tellsProtocol }).IsAutomatic)
            _addresses.Add(payload.ToArray());
    }

    public void AddRoute(ushort type, ReadOnlySpan<byte> payload)
    {
        if (type != MessageType.NewRoute || !RouteMessage.TryParse(payload, links, out var route))
            return;
        HasNexthopObjects |= route.ByNexthopObject;
        _routesOfAFamily.Add(route.Again);
    }

    /// <summary>
    /// One message a piece, addresses first: a route can need one as its source. An address was looked for before it was
    /// lost, so the kernel is told to use it at once; a second message takes that word back.
    /// </summary>
    public IEnumerable<Action<NetlinkWriter>> Writes =>
    [
        .. _addresses.Select(static a => (Action<NetlinkWriter>)(to => WriteAddress(to, a, AddressAttribute.NoDuplicateSearch))),
        .. _addresses.Select(static a => (Action<NetlinkWriter>)(to => WriteAddress(to, a, 0))),
        .. _routes.Select(static r => (Action<NetlinkWriter>)(to => WriteRoute(to, r))),
    ];

    private static void WriteAddress(NetlinkWriter to, ReadOnlySpan<byte> payload, uint more)
    {
        to.Begin(MessageType.NewAddress, MessageFlags.Request | MessageFlags.Ack | MessageFlags.Create | MessageFlags.Replace);
        to.Header(payload[..AddressHeaderLength]);
        uint flags = payload[2];
        var attributes = new NetlinkAttributes(payload[AddressHeaderLength..]);
        while (attributes.TryNext(out var attribute))
            if (attribute.Type == AddressAttribute.Flags)
                flags = attribute.U32 ?? flags;
            else
                to.Attribute(attribute.Type, attribute.Payload);
        to.Attribute(AddressAttribute.Flags, flags | more);
        to.End();
    }

    private static void WriteRoute(NetlinkWriter to, ReadOnlySpan<byte> payload)
    {
        to.Begin(MessageType.NewRoute, MessageFlags.Request | MessageFlags.Ack | MessageFlags.Create | MessageFlags.Append);
        to.Header(payload);
        to.End();
    }
}
