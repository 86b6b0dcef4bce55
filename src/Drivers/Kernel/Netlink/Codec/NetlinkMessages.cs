using System.Runtime.InteropServices;

namespace Provision.Kernel.Netlink;

/// <summary>One netlink message inside a received datagram; its payload is everything after the header.</summary>
internal readonly ref struct NetlinkMessage(ushort type, ushort flags, uint sequence, uint port, ReadOnlySpan<byte> payload)
{
    public ushort Type { get; } = type;

    public ushort Flags { get; } = flags;

    public uint Sequence { get; } = sequence;

    /// <summary>The port id of the socket it answers; 0 for multicasts.</summary>
    public uint Port { get; } = port;

    public ReadOnlySpan<byte> Payload { get; } = payload;
}

/// <summary>
/// Walks the messages of a datagram. Never reads outside it: a length that does not fit ends the walk and sets
/// <see cref="Malformed"/>.
/// </summary>
internal ref struct NetlinkMessages(ReadOnlySpan<byte> datagram)
{
    private ReadOnlySpan<byte> _rest = datagram;

    public bool Malformed { get; private set; }

    public bool TryNext(out NetlinkMessage message)
    {
        message = default;
        if (_rest.IsEmpty)
            return false;
        if (_rest.Length < NetlinkWriter.HeaderLength)
            return Fail();
        var length = MemoryMarshal.Read<uint>(_rest);
        if (length < NetlinkWriter.HeaderLength || length > (uint)_rest.Length)
            return Fail();
        message = new NetlinkMessage(
            MemoryMarshal.Read<ushort>(_rest[4..]),
            MemoryMarshal.Read<ushort>(_rest[6..]),
            MemoryMarshal.Read<uint>(_rest[8..]),
            MemoryMarshal.Read<uint>(_rest[12..]),
            _rest[NetlinkWriter.HeaderLength..(int)length]);
        _rest = _rest[Math.Min(_rest.Length, ((int)length + 3) & ~3)..];
        return true;
    }

    private bool Fail()
    {
        Malformed = true;
        _rest = default;
        return false;
    }
}
