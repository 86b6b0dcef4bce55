namespace Provision.Kernel.Netlink;

/// <summary>
/// A request that reads: one RTM_GET* message. Only the factories below make one, so what is sent through a
/// <see cref="ReadChannel"/> can change nothing.
/// </summary>
internal sealed class ReadRequest
{
    private readonly NetlinkWriter _message = new(64);

    private ReadRequest(string name, ushort type, ushort flags)
    {
        Name = name;
        _message.Begin(type, (ushort)(MessageFlags.Request | flags));
    }

    /// <summary>For errors: <c>RTM_GETLINK dump</c>.</summary>
    public string Name { get; }

    public static ReadRequest Links()
    {
        var request = new ReadRequest("RTM_GETLINK dump", MessageType.GetLink, MessageFlags.Dump);
        request._message.LinkHeader(Family.Unspecified, 0);
        request._message.Attribute(LinkAttribute.ExtMask, LinkAttribute.SkipStatistics);
        return request.Ended();
    }

    public static ReadRequest Link(string name)
    {
        var request = new ReadRequest($"RTM_GETLINK {name}", MessageType.GetLink, 0);
        request._message.LinkHeader(Family.Unspecified, 0);
        request._message.Attribute(LinkAttribute.Name, name);
        request._message.Attribute(LinkAttribute.ExtMask, LinkAttribute.SkipStatistics);
        return request.Ended();
    }

    public static ReadRequest Link(int index)
    {
        var request = new ReadRequest($"RTM_GETLINK {index}", MessageType.GetLink, 0);
        request._message.LinkHeader(Family.Unspecified, index);
        request._message.Attribute(LinkAttribute.ExtMask, LinkAttribute.SkipStatistics);
        return request.Ended();
    }

    public static ReadRequest Ports(int master)
    {
        var request = new ReadRequest($"RTM_GETLINK dump of the ports of {master}", MessageType.GetLink, MessageFlags.Dump);
        request._message.LinkHeader(Family.Unspecified, 0);
        request._message.Attribute(LinkAttribute.ExtMask, LinkAttribute.SkipStatistics);
        request._message.Attribute(LinkAttribute.Master, (uint)master);
        return request.Ended();
    }

    public static ReadRequest Addresses()
    {
        var request = new ReadRequest("RTM_GETADDR dump", MessageType.GetAddress, MessageFlags.Dump);
        request._message.AddressHeader(Family.Unspecified, 0, 0, 0);
        return request.Ended();
    }

    /// <summary>Of one link; kernels without strict checking answer with those of all.</summary>
    public static ReadRequest Addresses(int link)
    {
        var request = new ReadRequest($"RTM_GETADDR dump of link {link}", MessageType.GetAddress, MessageFlags.Dump);
        request._message.AddressHeader(Family.Unspecified, 0, 0, link);
        return request.Ended();
    }

    /// <summary>
    /// A dump of addresses that asks for a protocol, which no kernel takes: one that knows IFA_PROTO says that it is not
    /// supported here, one that does not says that it is unknown.
    /// </summary>
    public static ReadRequest AddressProtocolProbe()
    {
        var request = new ReadRequest("RTM_GETADDR dump by protocol", MessageType.GetAddress, MessageFlags.Dump);
        request._message.AddressHeader(Family.IPv4, 0, 0, 0);
        request._message.Attribute(AddressAttribute.Protocol, Address.Provision);
        return request.Ended();
    }

    /// <summary>The routes of one family, of all tables. A kernel without the family answers with those of all others.</summary>
    public static ReadRequest Routes(byte family)
    {
        var request = new ReadRequest("RTM_GETROUTE dump", MessageType.GetRoute, MessageFlags.Dump);
        request._message.RouteHeader(family);
        return request.Ended();
    }

    /// <summary>The number that the socket's network namespace has for the one that this descriptor of the process names.</summary>
    public static ReadRequest NamespaceId(int descriptor)
    {
        var request = new ReadRequest("RTM_GETNSID", MessageType.GetNamespaceId, 0);
        request._message.FamilyHeader(Family.Unspecified);
        request._message.Attribute(NamespaceIdParser.Descriptor, (uint)descriptor);
        return request.Ended();
    }

    public static ReadRequest BridgeVlans()
    {
        var request = new ReadRequest("RTM_GETLINK dump of bridge VLANs", MessageType.GetLink, MessageFlags.Dump);
        request._message.LinkHeader(Family.Bridge, 0);
        request._message.Attribute(LinkAttribute.ExtMask, LinkAttribute.VlansCompressed);
        return request.Ended();
    }

    /// <summary>RTM_GETVLAN: EOPNOTSUPP where no bridge code with VLAN filtering is loaded, or the kernel has no such request.</summary>
    public static ReadRequest VlanProbe()
    {
        var request = new ReadRequest("RTM_GETVLAN dump", MessageType.GetVlan, MessageFlags.Dump);
        request._message.VlanHeader(Family.Bridge, 0);
        return request.Ended();
    }

    /// <summary>The message with this sequence number.</summary>
    public ReadOnlySpan<byte> Bytes(uint sequence)
    {
        _message.Number(sequence);
        return _message.Written;
    }

    private ReadRequest Ended()
    {
        _message.End();
        return this;
    }
}
