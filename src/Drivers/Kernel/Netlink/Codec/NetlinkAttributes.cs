using System.Runtime.InteropServices;
using System.Text;

namespace Provision.Kernel.Netlink;

/// <summary>One attribute: its type without the nest and byte-order flags, and its payload.</summary>
/// <remarks>The typed readers give null when the payload has another size: a field that cannot be read is absent.</remarks>
internal readonly ref struct NetlinkAttribute(ushort type, ReadOnlySpan<byte> payload)
{
    public ushort Type { get; } = type;

    public ReadOnlySpan<byte> Payload { get; } = payload;

    public byte? U8 => Payload.Length == 1 ? Payload[0] : null;

    public ushort? U16 => Payload.Length == 2 ? MemoryMarshal.Read<ushort>(Payload) : null;

    public uint? U32 => Payload.Length == 4 ? MemoryMarshal.Read<uint>(Payload) : null;

    public ulong? U64 => Payload.Length == 8 ? MemoryMarshal.Read<ulong>(Payload) : null;

    /// <summary>The text up to the first NUL.</summary>
    public string Text
    {
        get
        {
            var end = Payload.IndexOf((byte)0);
            return Encoding.UTF8.GetString(end < 0 ? Payload : Payload[..end]);
        }
    }

    public NetlinkAttributes Nested => new(Payload);
}

/// <summary>
/// Walks attributes. Never reads outside the bytes it was given: a length that does not fit ends the walk and
/// sets <see cref="Malformed"/>.
/// </summary>
internal ref struct NetlinkAttributes(ReadOnlySpan<byte> bytes)
{
    private const int HeaderLength = 4;
    private const ushort TypeMask = 0x3fff; // NLA_TYPE_MASK: without NLA_F_NESTED and NLA_F_NET_BYTEORDER

    private ReadOnlySpan<byte> _rest = bytes;

    public bool Malformed { get; private set; }

    public bool TryNext(out NetlinkAttribute attribute)
    {
        attribute = default;
        if (_rest.IsEmpty)
            return false;
        if (_rest.Length < HeaderLength)
            return Fail();
        var length = MemoryMarshal.Read<ushort>(_rest);
        if (length < HeaderLength || length > _rest.Length)
            return Fail();
        attribute = new NetlinkAttribute((ushort)(MemoryMarshal.Read<ushort>(_rest[2..]) & TypeMask), _rest[HeaderLength..length]);
        _rest = _rest[Math.Min(_rest.Length, (length + 3) & ~3)..];
        return true;
    }

    private bool Fail()
    {
        Malformed = true;
        _rest = default;
        return false;
    }
}
