using System.Buffers.Binary;

namespace Provision.Kernel.Supervise;

/// <summary>
/// The framing of messages on the socket: four bytes of length (little-endian) and so many bytes of JSON. A length of
/// zero or above the bound ends the conversation: nothing after it can be trusted.
/// </summary>
internal sealed class Frames(int most = Frames.MaxLength)
{
    /// <summary>Bytes of one request: an order with the largest filter and a long environment fits.</summary>
    public const int MaxLength = 1 << 20;

    /// <summary>Bytes of one answer: the run records of 10,000 containers fit.</summary>
    public const int LongestAnswer = 256 << 20;

    public const int HeaderLength = 4;

    private byte[] _bytes = [];
    private int _length;

    /// <summary>True once a length was out of bounds.</summary>
    public bool Broken { get; private set; }

    /// <summary>Bytes held of a message that is not whole yet.</summary>
    public int Pending => _length;

    /// <summary>Takes what came and returns the messages that are whole by it.</summary>
    public List<byte[]> Add(ReadOnlySpan<byte> came)
    {
        var whole = new List<byte[]>();
        if (Broken)
            return whole;
        if (_length + came.Length > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_length + came.Length, 2 * _length));
        came.CopyTo(_bytes.AsSpan(_length));
        _length += came.Length;

        var at = 0;
        while (_length - at >= HeaderLength)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(at));
            if (length == 0 || length > (uint)most)
            {
                Broken = true;
                break;
            }

            if (_length - at - HeaderLength < length)
                break;
            whole.Add(_bytes.AsSpan(at + HeaderLength, (int)length).ToArray());
            at += HeaderLength + (int)length;
        }

        // What was read is let go of: a connection that idles holds no memory.
        if (Broken)
            (_bytes, _length) = ([], 0);
        else if (at > 0)
            (_bytes, _length) = (_bytes.AsSpan(at, _length - at).ToArray(), _length - at);
        return whole;
    }

    /// <summary>A message with its length before it.</summary>
    /// <param name="most">Bytes allowed.</param>
    /// <exception cref="ArgumentException">It is empty or above the bound.</exception>
    public static byte[] Of(ReadOnlySpan<byte> message, int most = MaxLength)
    {
        if (message.IsEmpty || message.Length > most)
            throw new ArgumentException($"a message of {message.Length} bytes: 1 to {most} are allowed");
        var frame = new byte[HeaderLength + message.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)message.Length);
        message.CopyTo(frame.AsSpan(HeaderLength));
        return frame;
    }
}
