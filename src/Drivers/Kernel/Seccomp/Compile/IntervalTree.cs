namespace Provision.Kernel.Seccomp;

/// <summary>
/// Ranges of a word to a search tree. Equal neighbours become one range; a single value inside a range is one
/// comparison; where a way out is long it lies near the root, so that the longest way as a whole is short.
/// </summary>
internal sealed class IntervalTree
{
    // Beyond it, longer is not heavier: sums stay exact, and the many short ways stay balanced beside a very long one.
    private const int Heaviest = 24;

    private readonly NodeFactory _make;
    private readonly Word _word;
    private readonly List<(uint Start, Node Target)> _items = [];
    private readonly double[] _weights;

    private IntervalTree(NodeFactory make, Word word, IEnumerable<(uint Start, Node Target)> ranges)
    {
        _make = make;
        _word = word;
        Group(Merge(ranges));
        _weights = new double[_items.Count + 1];
        for (var i = 0; i < _items.Count; i++)
            _weights[i + 1] = _weights[i] + Math.Pow(2, Math.Min(_items[i].Target.Worst, Heaviest));
    }

    /// <param name="ranges">In ascending order; the first starts at 0, each reaches to the next.</param>
    public static Node Build(NodeFactory make, Word word, IEnumerable<(uint Start, Node Target)> ranges)
    {
        var tree = new IntervalTree(make, word, ranges);
        return tree.Build(0, tree._items.Count);
    }

    private static List<(uint Start, Node Target)> Merge(IEnumerable<(uint Start, Node Target)> ranges)
    {
        var merged = new List<(uint Start, Node Target)>();
        foreach (var range in ranges)
            if (merged.Count == 0 || !ReferenceEquals(merged[^1].Target, range.Target))
                merged.Add(range);
        return merged;
    }

    // A single value with the same target on both sides is one item with them.
    private void Group(List<(uint Start, Node Target)> ranges)
    {
        for (var i = 0; i < ranges.Count; i++)
        {
            var (start, target) = ranges[i];
            if (i + 2 < ranges.Count && ReferenceEquals(ranges[i + 2].Target, target) && ranges[i + 2].Start == ranges[i + 1].Start + 1)
            {
                target = _make.Jump(_word, SockFilter.JumpEqual, ranges[i + 1].Start, ranges[i + 1].Target, target);
                i += 2;
            }

            _items.Add((start, target));
        }
    }

    private Node Build(int from, int to)
    {
        if (to - from == 1)
            return _items[from].Target;
        var split = from + 1;
        while (split + 1 < to && Heavier(from, split + 1, to) < Heavier(from, split, to))
            split++;
        return _make.Jump(_word, SockFilter.JumpAtLeast, _items[split].Start, Build(split, to), Build(from, split));
    }

    private double Heavier(int from, int split, int to) =>
        Math.Max(_weights[split] - _weights[from], _weights[to] - _weights[split]);
}
