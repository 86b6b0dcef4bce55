using System.Runtime.InteropServices;
using System.Text;

namespace Provision.Kernel.Netlink;

/// <summary>
/// Writes netlink messages (man 7 netlink) one after the other into a buffer that grows: header, fixed part,
/// attributes, nests. Everything is padded to four bytes with zeroes; integers are in host order.
/// </summary>
internal sealed class NetlinkWriter
{
    internal const int HeaderLength = 16;
    private const int None = -1;

    private byte[] _buffer;
    private int _message = None;

    public NetlinkWriter(int capacity = 8192) => _buffer = new byte[capacity];

    /// <summary>Bytes written, whole messages only once <see cref="End"/> was called.</summary>
    public int Length { get; private set; }

    /// <summary>Messages ended since the last <see cref="Clear"/>.</summary>
    public int Messages { get; private set; }

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    public void Clear()
    {
        Length = 0;
        Messages = 0;
        _message = None;
    }

    /// <summary>Starts a message; its sequence number stays 0 until <see cref="Number"/>.</summary>
    public void Begin(ushort type, ushort flags)
    {
        if (_message != None)
            throw new InvalidOperationException("a netlink message was begun inside another");
        _message = Length;
        var header = Take(HeaderLength);
        Put(header[4..], type);
        Put(header[6..], flags);
    }

    public void End()
    {
        if (_message == None)
            throw new InvalidOperationException("no netlink message was begun");
        // nlmsg_len counts no padding after the last attribute, but every attribute was padded, so it is aligned.
        var length = Length - _message;
        MemoryMarshal.Write(_buffer.AsSpan(_message), in length);
        _message = None;
        Messages++;
    }

    /// <summary>struct ifinfomsg: family, device type 0, index, flags and which of them to change.</summary>
    public void LinkHeader(byte family, int index, uint flags = 0, uint change = 0)
    {
        var fixedPart = Take(16);
        fixedPart[0] = family;
        Put(fixedPart[4..], index);
        Put(fixedPart[8..], flags);
        Put(fixedPart[12..], change);
    }

    /// <summary>struct ifaddrmsg: family, prefix length, scope, index, and those flags (IFA_F_*) that fit into a byte.</summary>
    public void AddressHeader(byte family, byte prefixLength, byte scope, int index, byte flags = 0)
    {
        var fixedPart = Take(8);
        fixedPart[0] = family;
        fixedPart[1] = prefixLength;
        fixedPart[2] = flags;
        fixedPart[3] = scope;
        Put(fixedPart[4..], index);
    }

    /// <summary>The fixed part of a message as another message had it: struct ifaddrmsg, struct rtmsg.</summary>
    public void Header(ReadOnlySpan<byte> fixedPart) => fixedPart.CopyTo(Take((fixedPart.Length + 3) & ~3));

    /// <summary>struct rtmsg of a question: the family alone.</summary>
    public void RouteHeader(byte family) => Take(12)[0] = family;

    /// <summary>struct rtmsg without source and flags.</summary>
    public void RouteHeader(byte family, byte prefixLength, byte table, byte protocol, byte scope, byte type, byte serviceType = 0)
    {
        var fixedPart = Take(12);
        fixedPart[0] = family;
        fixedPart[1] = prefixLength;
        fixedPart[3] = serviceType;
        fixedPart[4] = table;
        fixedPart[5] = protocol;
        fixedPart[6] = scope;
        fixedPart[7] = type;
    }

    /// <summary>struct rtgenmsg with its padding: a family alone.</summary>
    public void FamilyHeader(byte family) => Take(4)[0] = family;

    /// <summary>struct br_vlan_msg: family and index.</summary>
    public void VlanHeader(byte family, int index)
    {
        var fixedPart = Take(8);
        fixedPart[0] = family;
        Put(fixedPart[4..], index);
    }

    public void Attribute(ushort type, ReadOnlySpan<byte> payload)
    {
        var length = checked((ushort)(4 + payload.Length));
        var at = Take((length + 3) & ~3);
        Put(at, length);
        Put(at[2..], type);
        payload.CopyTo(at[4..]);
    }

    public void Attribute(ushort type, byte value) => Attribute(type, [value]);

    public void Attribute(ushort type, ushort value) => Attribute(type, MemoryMarshal.AsBytes(new ReadOnlySpan<ushort>(in value)));

    public void Attribute(ushort type, uint value) => Attribute(type, MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in value)));

    public void Attribute(ushort type, ulong value) => Attribute(type, MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in value)));

    /// <summary>A NUL-terminated string.</summary>
    public void Attribute(ushort type, string text)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text) + 1];
        Encoding.UTF8.GetBytes(text, bytes);
        Attribute(type, bytes);
    }

    /// <summary>Opens a nest and returns the mark that <see cref="EndNest"/> wants.</summary>
    public int BeginNest(ushort type)
    {
        var mark = Length;
        Attribute(type, []);
        return mark;
    }

    public void EndNest(int mark)
    {
        var length = checked((ushort)(Length - mark));
        MemoryMarshal.Write(_buffer.AsSpan(mark), in length);
    }

    /// <summary>Adds one whole message that was written elsewhere.</summary>
    public void Append(ReadOnlySpan<byte> message)
    {
        message.CopyTo(Take((message.Length + 3) & ~3));
        Messages++;
    }

    /// <summary>Numbers the messages in order, from <paramref name="first"/> up.</summary>
    public void Number(uint first)
    {
        for (var at = 0; at < Length;)
        {
            MemoryMarshal.Write(_buffer.AsSpan(at + 8), in first);
            first++;
            at += (MemoryMarshal.Read<int>(_buffer.AsSpan(at)) + 3) & ~3;
        }
    }

    private static void Put<T>(Span<byte> at, T value) where T : unmanaged => MemoryMarshal.Write(at, in value);

    private Span<byte> Take(int count)
    {
        if (Length + count > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + count));
        var taken = _buffer.AsSpan(Length, count);
        taken.Clear();
        Length += count;
        return taken;
    }
}
