using System.Runtime.InteropServices;
using System.Text;
using Provision.Reconciler;

namespace Provision.Kernel.Netlink;

/// <summary><see cref="ILinkReader"/> over a rtnetlink socket that only ever carries <see cref="ReadRequest"/>s.</summary>
public sealed class RtnetlinkReader : ILinkReader, IDisposable
{
    private const int TooBig = 7; // E2BIG
    private const int NoSuchDevice = 19; // ENODEV
    private const int NotSupported = 95; // EOPNOTSUPP
    private const int MaxNameLength = 15; // IFNAMSIZ - 1

    private const int Invalid = 22; // EINVAL
    private const int BridgeVlanGroup = 33; // RTNLGRP_BRVLAN, as old as RTM_GETVLAN

    private readonly Lock _turn = new();
    private readonly ReadChannel _channel;
    private readonly int _limit;
    private readonly BridgeNetfilter _netfilter = new();
    private bool? _tellsProtocol;

    /// <summary>Opens the socket in the network namespace of the calling thread.</summary>
    /// <exception cref="KernelException">The socket cannot be had.</exception>
    public RtnetlinkReader()
        : this(null, int.MaxValue)
    {
    }

    /// <param name="buffer">See <see cref="ReadChannel"/>.</param>
    /// <param name="limit">
    /// A dump with more entries ends with E2BIG: who may change a namespace that is not ours must not make us run out of
    /// memory. The reader is to be disposed then.
    /// </param>
    internal RtnetlinkReader(byte[]? buffer, int limit)
    {
        _channel = new ReadChannel(new NetlinkSocket(), buffer);
        _limit = limit;
    }

    public LinkTable ReadLinks()
    {
        var links = new List<Link>();
        Dump(ReadRequest.Links(), links.Clear, (type, payload) => AddLink(links, type, payload));
        return new LinkTable(links);
    }

    public LinkTable ReadLinks(IEnumerable<string> names)
    {
        // The kernel also finds a link by an alternative name; only its own name is asked for here.
        var asked = names.Where(static n => Encoding.UTF8.GetByteCount(n) is > 0 and <= MaxNameLength).ToHashSet(StringComparer.Ordinal);
        return new LinkTable(Get([.. asked.Select(ReadRequest.Link)]).Where(l => asked.Contains(l.Name)));
    }

    /// <summary>Only the links with these indexes, one RTM_GETLINK each; what does not exist is not in the table.</summary>
    /// <exception cref="KernelException">The kernel refuses.</exception>
    internal LinkTable ReadLinks(IEnumerable<int> indexes) =>
        new(Get([.. indexes.Where(static i => i > 0).Distinct().Select(ReadRequest.Link)]));

    public LinkTable ReadPorts(int master)
    {
        var links = new List<Link>();
        Dump(ReadRequest.Ports(master), links.Clear, (type, payload) => AddLink(links, type, payload));
        return new LinkTable(links.Where(l => l.Master == master));
    }

    public AddressTable ReadAddresses()
    {
        var addresses = new List<Address>();
        Dump(ReadRequest.Addresses(), addresses.Clear, (type, payload) => AddAddress(addresses, type, payload));
        return new AddressTable(WithOrigin(addresses));
    }

    public AddressTable ReadAddresses(int link)
    {
        var addresses = new List<Address>();
        try
        {
            Dump(ReadRequest.Addresses(link), addresses.Clear, (type, payload) => AddAddress(addresses, type, payload));
        }
        catch (KernelException gone) when (gone.Error.Errno == NoSuchDevice)
        {
            return new AddressTable([]);
        }

        return new AddressTable(WithOrigin(addresses.Where(a => a.Link == link)));
    }

    /// <summary>All IPv4 and IPv6 routes of all tables, in a dump each; without what the kernel caches from them.</summary>
    /// <exception cref="KernelException">The kernel refuses.</exception>
    public IReadOnlyList<Route> ReadRoutes()
    {
        var routes = new List<Route>();
        foreach (var family in (byte[])[Family.IPv4, Family.IPv6])
        {
            var known = routes.Count;
            Dump(ReadRequest.Routes(family), () => routes.RemoveRange(known, routes.Count - known), (type, payload) =>
            {
                if (type == MessageType.NewRoute && RouteParser.TryParse(payload, out var route) && route.Family == family && !route.IsCached)
                    Add(routes, route, "routes");
            });
        }

        return routes;
    }

    /// <summary>
    /// The number that this reader's namespace has for each of these (RTM_GETNSID);
    /// <see cref="Link.UnknownNamespace"/> for one that it has none for, so that no link leads there; null for what is no
    /// network namespace.
    /// </summary>
    /// <exception cref="KernelException">The kernel refuses.</exception>
    internal IReadOnlyList<int?> ReadNamespaceIds(IReadOnlyList<SafeHandle> namespaces)
    {
        var ids = new Queue<int>(namespaces.Count);
        using var held = new HeldHandles(namespaces);
        var requests = held.Numbers.Select(ReadRequest.NamespaceId).ToList();
        int[] answers;
        lock (_turn)
            answers = _channel.Get(requests, (_, payload) => ids.Enqueue(NamespaceIdParser.Parse(payload)));
        if (Array.Find(answers, static errno => errno is not (0 or Errno.EINVAL)) is var refused and not 0)
            throw new KernelException(new KernelError("RTM_GETNSID", "rtnetlink", null, refused));
        return [.. answers.Select(errno => errno == 0 ? ids.Dequeue() : (int?)null)];
    }

    public BridgeVlanTable ReadBridgeVlans()
    {
        var byLink = new Dictionary<int, IReadOnlyList<BridgeVlan>>();
        Dump(ReadRequest.BridgeVlans(), byLink.Clear, (type, payload) =>
        {
            if (type == MessageType.NewLink && BridgeVlanParser.TryParse(payload, out var link, out var vlans))
                byLink[link] = vlans;
        });
        return new BridgeVlanTable(byLink);
    }

    public bool? HasVlanFiltering(LinkTable links)
    {
        if (links.Links.FirstOrDefault(static l => l.Bridge is not null) is { Bridge: { } bridge })
            return bridge.VlanProtocol is not null;
        try
        {
            Dump(ReadRequest.VlanProbe(), static () => { }, static (_, _) => { });
            return true;
        }
        catch (KernelException refused) when (refused.Error.Errno == NotSupported)
        {
            // Refused by a kernel that knows the request and has the bridge code in it: built without VLAN filtering.
            // Otherwise the module may not be loaded yet.
            return KnowsVlanRequests() && Directory.Exists("/sys/module/bridge") ? false : null;
        }
    }

    /// <summary>What links with these indexes lose when they go down, to be given back.</summary>
    internal LinkBelongings ReadBelongings(IReadOnlySet<int> links)
    {
        var belongings = new LinkBelongings(links, TellsAddressProtocol());
        Dump(ReadRequest.Addresses(), belongings.ForgetAddresses, (type, payload) => belongings.AddAddress(type, payload));
        Dump(ReadRequest.Routes(Family.IPv4), belongings.ForgetRoutes, (type, payload) => belongings.AddRoute(type, payload));
        belongings.KeepRoutes();
        Dump(ReadRequest.Routes(Family.IPv6), belongings.ForgetRoutes, (type, payload) => belongings.AddRoute(type, payload));
        belongings.KeepRoutes();
        return belongings;
    }

    public NetfilterTables ReadBridgeNetfilter() => new(_netfilter.Read());

    public long TickNanoseconds { get; } = KernelTick.Nanoseconds();

    public void Dispose()
    {
        _channel.Dispose();
        _netfilter.Dispose();
    }

    private List<Link> Get(IReadOnlyList<ReadRequest> requests)
    {
        var links = new List<Link>();
        int[] answers;
        lock (_turn)
            answers = _channel.Get(requests, (type, payload) => AddLink(links, type, payload));
        for (var i = 0; i < answers.Length; i++)
            if (answers[i] is not (0 or NoSuchDevice))
                throw new KernelException(new KernelError(requests[i].Name, "rtnetlink", null, answers[i]));
        return links;
    }

    private void Dump(ReadRequest request, Action begin, MessageHandler handler)
    {
        lock (_turn)
            _channel.Dump(request, begin, handler);
    }

    private void AddLink(List<Link> links, ushort type, ReadOnlySpan<byte> payload)
    {
        if (type == MessageType.NewLink && LinkParser.TryParse(payload, out _, out var link))
            Add(links, link, "links");
    }

    private void AddAddress(List<Address> addresses, ushort type, ReadOnlySpan<byte> payload)
    {
        if (type == MessageType.NewAddress && AddressParser.TryParse(payload, out var address))
            Add(addresses, address, "addresses");
    }

    private IEnumerable<Address> WithOrigin(IEnumerable<Address> addresses)
    {
        var read = addresses.ToList();
        var tells = read.Exists(static a => a.IsIPv6 && a.Protocol == 0) && TellsAddressProtocol();
        return tells ? read.Select(static a => a with { TellsProtocol = true }) : read;
    }

    /// <summary>
    /// Whether this kernel has IFA_PROTO. It leaves the attribute out where it is 0, so that addresses without it do not tell.
    /// Asked once; false where the kernel does not answer as one that has it.
    /// </summary>
    internal bool TellsAddressProtocol()
    {
        if (_tellsProtocol is { } known)
            return known;
        var answer = default(KernelError);
        try
        {
            Dump(ReadRequest.AddressProtocolProbe(), static () => { }, static (_, _) => { });
        }
        catch (KernelException refused) when (refused.Error.Errno == Invalid)
        {
            answer = refused.Error;
        }

        _tellsProtocol = IsKnownAttribute(answer?.Detail);
        return _tellsProtocol.Value;
    }

    // "Unknown attribute type" of lib/nlattr.c, or "ipv4: Unsupported attribute in dump request" of net/ipv4/devinet.c.
    internal static bool IsKnownAttribute(string? refusal) => refusal?.Contains("Unsupported attribute", StringComparison.Ordinal) == true;

    private static bool KnowsVlanRequests()
    {
        using var socket = new NetlinkSocket(receiveBuffer: null);
        return socket.TryJoin(BridgeVlanGroup);
    }

    private void Add<T>(List<T> table, T entry, string what)
    {
        if (table.Count >= _limit)
            throw new KernelException(new KernelError("read", "rtnetlink", null, TooBig, $"more than {_limit} {what}"));
        table.Add(entry);
    }
}
