namespace Provision.Kernel.Selinux;

/// <summary>
/// Decompresses bzip2, in which libsemanage keeps modules and for which the runtime has nothing. Checksums are not looked
/// at: what differs from what was installed shows as a difference anyway.
/// </summary>
internal static class Bzip2
{
    private const long BlockMagic = 0x314159265359, EndMagic = 0x177245385090;
    private const int BlockUnit = 100_000, MaxSymbols = 258, MaxCodeLength = 20, GroupSize = 50;

    public static bool IsCompressed(ReadOnlySpan<byte> content) => content.StartsWith("BZh"u8);

    /// <exception cref="InvalidDataException">It is not bzip2, broken, or longer than <paramref name="limit"/>.</exception>
    public static byte[] Decompress(byte[] content, int limit)
    {
        if (!IsCompressed(content) || content.Length < 4 || content[3] is < (byte)'1' or > (byte)'9')
            throw Broken("no header");
        var bits = new BitReader(content, 4);
        var output = new List<byte>();
        var block = new int[(content[3] - '0') * BlockUnit];
        while (true)
        {
            var magic = ((long)bits.Take(24) << 24) | (uint)bits.Take(24);
            if (magic == EndMagic)
                return [.. output];
            if (magic != BlockMagic)
                throw Broken("no block where one should begin");
            bits.Take(16);
            bits.Take(16); // the block's checksum
            Block(bits, block, output, limit);
        }
    }

    private static void Block(BitReader bits, int[] block, List<byte> output, int limit)
    {
        if (bits.Take(1) != 0)
            throw Broken("randomised");
        var origin = bits.Take(24);
        var length = Symbols(bits, block);
        if (origin >= length)
            throw Broken("origin outside of the block");
        Untransform(block, length, origin, output, limit);
    }

    // Huffman codes of move-to-front positions, with runs of the front one in a numeral system of their own.
    private static int Symbols(BitReader bits, int[] block)
    {
        var used = Used(bits);
        var (tables, selectors) = Codes(bits, used.Count + 2);
        int length = 0, run = 0, weight = 1, group = -1, left = 0;
        while (true)
        {
            if (left-- == 0)
            {
                if (++group >= selectors.Length)
                    throw Broken("codes without a table");
                left = GroupSize - 1;
            }

            var symbol = tables[selectors[group]].Next(bits);
            if (symbol <= 1)
            {
                run += weight << symbol;
                weight <<= 1;
                if (run > block.Length)
                    throw Broken("run too long");
                continue;
            }

            if (length + run > block.Length || (symbol <= used.Count && length + run == block.Length))
                throw Broken("block too long");
            for (; run > 0; run--)
                block[length++] = used[0];
            weight = 1;
            if (symbol == used.Count + 1)
                return length;
            var value = used[symbol - 1];
            used.RemoveAt(symbol - 1);
            used.Insert(0, value);
            block[length++] = value;
        }
    }

    private static List<byte> Used(BitReader bits)
    {
        var used = new List<byte>();
        var rows = bits.Take(16);
        for (var row = 0; row < 16; row++)
        {
            if ((rows & (0x8000 >> row)) == 0)
                continue;
            var columns = bits.Take(16);
            for (var column = 0; column < 16; column++)
                if ((columns & (0x8000 >> column)) != 0)
                    used.Add((byte)((row * 16) + column));
        }

        return used.Count > 0 ? used : throw Broken("no symbols");
    }

    private static (HuffmanTable[] Tables, byte[] Selectors) Codes(BitReader bits, int symbols)
    {
        var tables = new HuffmanTable[bits.Take(3)];
        var selectors = new byte[bits.Take(15)];
        if (tables.Length is < 2 or > 6 || selectors.Length == 0)
            throw Broken("no tables");
        var front = Enumerable.Range(0, tables.Length).Select(static i => (byte)i).ToList();
        for (var i = 0; i < selectors.Length; i++)
        {
            var at = 0;
            while (bits.Take(1) != 0)
                if (++at >= tables.Length)
                    throw Broken("no such table");
            selectors[i] = front[at];
            front.RemoveAt(at);
            front.Insert(0, selectors[i]);
        }

        for (var i = 0; i < tables.Length; i++)
            tables[i] = new HuffmanTable(Lengths(bits, symbols));
        return (tables, selectors);
    }

    private static int[] Lengths(BitReader bits, int symbols)
    {
        var lengths = new int[symbols];
        var length = bits.Take(5);
        for (var i = 0; i < symbols; i++)
        {
            while (bits.Take(1) != 0)
                length += bits.Take(1) == 0 ? 1 : -1;
            if (length is < 1 or > MaxCodeLength)
                throw Broken("code length");
            lengths[i] = length;
        }

        return lengths;
    }

    // The inverse of the Burrows-Wheeler transform, then runs of four that a count follows.
    private static void Untransform(int[] block, int length, int origin, List<byte> output, int limit)
    {
        var starts = new int[256];
        for (var i = 0; i < length; i++)
            starts[block[i]]++;
        for (int value = 0, sum = 0; value < 256; value++)
            (starts[value], sum) = (sum, sum + starts[value]);
        for (var i = 0; i < length; i++)
            block[starts[block[i] & 0xFF]++] |= i << 8;

        int at = block[origin], same = 0, previous = -1;
        for (var i = 0; i < length; i++)
        {
            at = block[at >> 8];
            var value = at & 0xFF;
            var times = 1;
            if (same == 4)
            {
                (times, value, same) = (value, previous, 0);
            }
            else
            {
                same = value == previous ? same + 1 : 1;
                previous = value;
            }

            if (output.Count + times > limit)
                throw Broken($"more than {limit} bytes");
            for (; times > 0; times--)
                output.Add((byte)value);
            if (same == 0)
                previous = -1;
        }
    }

    private static InvalidDataException Broken(string what) => new($"not bzip2: {what}");

    private sealed class BitReader(byte[] content, int start)
    {
        private int _at = start;
        private ulong _held;
        private int _count;

        /// <summary>The next bits, the first the highest; at most 24.</summary>
        public int Take(int bits)
        {
            while (_count < bits)
            {
                if (_at >= content.Length)
                    throw Broken("ends early");
                _held = (_held << 8) | content[_at++];
                _count += 8;
            }

            _count -= bits;
            return (int)(_held >> _count) & ((1 << bits) - 1);
        }
    }

    /// <summary>A canonical code: codes of a length are consecutive, symbols ascending.</summary>
    private sealed class HuffmanTable
    {
        private readonly int[] _counts = new int[MaxCodeLength + 1];
        private readonly int[] _symbols;

        public HuffmanTable(int[] lengths)
        {
            foreach (var length in lengths)
                _counts[length]++;
            _symbols = [.. Enumerable.Range(0, Math.Min(lengths.Length, MaxSymbols)).OrderBy(s => lengths[s])];
        }

        public int Next(BitReader bits)
        {
            int code = 0, first = 0, index = 0;
            for (var length = 1; length <= MaxCodeLength; length++)
            {
                code = (code << 1) | bits.Take(1);
                if (code - first < _counts[length])
                    return _symbols[index + code - first];
                index += _counts[length];
                first = (first + _counts[length]) << 1;
            }

            throw Broken("no such code");
        }
    }
}
