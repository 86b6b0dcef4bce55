namespace Provision.Kernel.Netlink;

/// <summary>nlmsg_type: control messages (linux/netlink.h) and the rtnetlink ones that are used (linux/rtnetlink.h).</summary>
internal static class MessageType
{
    public const ushort Noop = 1;
    public const ushort Error = 2;
    public const ushort Done = 3;
    public const ushort Overrun = 4;

    public const ushort NewLink = 16;
    public const ushort DeleteLink = 17;
    public const ushort GetLink = 18;
    public const ushort SetLink = 19;
    public const ushort NewAddress = 20;
    public const ushort DeleteAddress = 21;
    public const ushort GetAddress = 22;
    public const ushort NewRoute = 24;
    public const ushort DeleteRoute = 25;
    public const ushort GetRoute = 26;
    public const ushort NewNamespaceId = 88;
    public const ushort GetNamespaceId = 90;
    public const ushort NewVlan = 112;
    public const ushort DeleteVlan = 113;
    public const ushort GetVlan = 114;
}

/// <summary>nlmsg_flags (linux/netlink.h).</summary>
internal static class MessageFlags
{
    public const ushort Request = 0x1;
    public const ushort Ack = 0x4;

    /// <summary>On an answer: the table changed under the dump, which may have missed or doubled entries.</summary>
    public const ushort DumpInterrupted = 0x10;

    public const ushort Dump = 0x300; // NLM_F_ROOT | NLM_F_MATCH
    public const ushort Replace = 0x100;
    public const ushort Exclusive = 0x200;
    public const ushort Create = 0x400;
    public const ushort Append = 0x800;
}

/// <summary>ifa_family and ifi_family.</summary>
internal static class Family
{
    public const byte Unspecified = 0;
    public const byte IPv4 = 2;
    public const byte Bridge = 7;
    public const byte IPv6 = 10;
}
