using System.Runtime.InteropServices;

namespace Provision.Kernel.Netlink;

/// <summary>RTM_NEWNSID messages (linux/net_namespace.h): what one network namespace calls another.</summary>
internal static class NamespaceIdParser
{
    public const ushort Id = 1; // NETNSA_NSID
    public const ushort Descriptor = 3; // NETNSA_FD

    private const int HeaderLength = 4; // struct rtgenmsg, padded

    /// <summary>The number; <see cref="Link.UnknownNamespace"/> where there is none.</summary>
    public static int Parse(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < HeaderLength)
            return Link.UnknownNamespace;
        var attributes = new NetlinkAttributes(payload[HeaderLength..]);
        while (attributes.TryNext(out var attribute))
            if (attribute.Type == Id && attribute.Payload.Length == sizeof(int) && MemoryMarshal.Read<int>(attribute.Payload) is var id and >= 0)
                return id;
        return Link.UnknownNamespace;
    }
}
