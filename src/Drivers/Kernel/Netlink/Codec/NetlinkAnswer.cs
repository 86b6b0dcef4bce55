using System.Runtime.InteropServices;

namespace Provision.Kernel.Netlink;

/// <summary>
/// The kernel's answer to a request (NLMSG_ERROR, or the code in NLMSG_DONE): a positive errno, 0 for success,
/// and the extended acknowledgement where there is one.
/// </summary>
/// <param name="Message">NLMSGERR_ATTR_MSG, the kernel's own words; on success a warning.</param>
/// <param name="Offset">NLMSGERR_ATTR_OFFS: where in the request the offending attribute starts.</param>
internal readonly record struct NetlinkAnswer(int Errno, string? Message, uint? Offset)
{
    /// <summary>For a request whose answer was lost: whether it was done is not known.</summary>
    public static readonly NetlinkAnswer Lost = new(110, "the answer was lost: whether it was done is not known", null);

    private const ushort Capped = 0x100; // NLM_F_CAPPED: the request's payload is not echoed
    private const ushort HasAttributes = 0x200; // NLM_F_ACK_TLVS
    private const ushort MessageAttribute = 1;
    private const ushort OffsetAttribute = 2;
    private const int Protocol = 71; // EPROTO

    public static NetlinkAnswer Parse(in NetlinkMessage message)
    {
        var payload = message.Payload;
        if (payload.Length < 4)
            return new NetlinkAnswer(Protocol, "the kernel's answer was cut short", null);
        // int.MinValue has no negative; no kernel sends it, hostile bytes may.
        var code = MemoryMarshal.Read<int>(payload);
        var errno = code switch { <= 0 and > int.MinValue => -code, _ => Protocol };
        return (message.Flags & HasAttributes) == 0
            ? new NetlinkAnswer(errno, null, null)
            : WithAttributes(errno, Attributes(message));
    }

    private static ReadOnlySpan<byte> Attributes(in NetlinkMessage message)
    {
        var payload = message.Payload;
        if (message.Type == MessageType.Done)
            return payload[4..];
        // struct nlmsgerr: the error, then the request's header and, unless capped, its payload.
        var skip = 4L + NetlinkWriter.HeaderLength;
        if ((message.Flags & Capped) == 0 && payload.Length >= skip)
            skip = 4L + ((MemoryMarshal.Read<uint>(payload[4..]) + 3L) & ~3L);
        return skip <= payload.Length ? payload[(int)skip..] : default;
    }

    private static NetlinkAnswer WithAttributes(int errno, ReadOnlySpan<byte> bytes)
    {
        string? text = null;
        uint? offset = null;
        var attributes = new NetlinkAttributes(bytes);
        while (attributes.TryNext(out var attribute))
            if (attribute.Type == MessageAttribute)
                text = attribute.Text;
            else if (attribute.Type == OffsetAttribute)
                offset = attribute.U32;
        return new NetlinkAnswer(errno, text, offset);
    }
}
