using System.Collections.Immutable;

namespace Provision.Kernel.Seccomp;

/// <summary>Comparisons of one argument to ranges of its value, and those to search trees: high word first.</summary>
internal sealed class ValueRanges(NodeFactory make, int index, int bits)
{
    private readonly List<(ulong Start, Node Target)> _ranges = [];

    public static Word LowWord(int index, int bits) => new(SeccompData.Low(index), bits == 16 ? ushort.MaxValue : uint.MaxValue);

    public Node Build(IEnumerable<(ImmutableArray<ResolvedTest> Tests, SeccompAction Action)> alternatives, SeccompAction otherwise)
    {
        var most = ulong.MaxValue >> (64 - bits);
        var rules = alternatives.Select(static a => (Test: a.Tests[0], a.Action)).ToList();
        var starts = rules.SelectMany(static r => (ulong[])[r.Test.Value, r.Test.Value + 1]).Append(0UL).Where(v => v <= most).Distinct().Order();
        foreach (var start in starts)
        {
            var matching = rules.FindIndex(r => r.Test.Holds(start));
            var target = make.Return(matching < 0 ? otherwise : rules[matching].Action);
            if (_ranges.Count == 0 || !ReferenceEquals(_ranges[^1].Target, target))
                _ranges.Add((start, target));
        }

        return bits < 64 ? Low(_ranges.Select(static r => ((uint)r.Start, r.Target))) : High();
    }

    private Node Low(IEnumerable<(uint Start, Node Target)> ranges)
    {
        var word = LowWord(index, bits);
        return make.Load(word, IntervalTree.Build(make, word, ranges));
    }

    // High words at which a range starts have a tree of low words; between them one verdict holds.
    private Node High()
    {
        var word = new Word(SeccompData.High(index));
        var cuts = _ranges.SelectMany(static r => (ulong[])[r.Start >> 32, (r.Start >> 32) + 1]).Where(static h => h <= uint.MaxValue).Distinct().Order();
        return make.Load(word, IntervalTree.Build(make, word, cuts.Select(h => ((uint)h, Inside((uint)h)))));
    }

    private Node Inside(uint high)
    {
        var first = _ranges.FindLastIndex(r => r.Start <= (ulong)high << 32);
        var inner = _ranges.Skip(first + 1).TakeWhile(r => r.Start >> 32 == high).Select(static r => ((uint)r.Start, r.Target));
        return Low(inner.Prepend((0u, _ranges[first].Target)));
    }
}
