namespace Provision.Kernel.Seccomp;

/// <summary>All numbers that one AUDIT_ARCH can show, to one search tree.</summary>
internal sealed class NumberTree(NodeFactory make)
{
    private const uint Skip = uint.MaxValue;

    private static readonly Word Number = new(SeccompData.NumberOffset);

    /// <param name="native">Rules of the architecture without a bit; null where its calls are killed.</param>
    /// <param name="x32">The same for the numbers with bit 30; only x86-64 has them.</param>
    public Node Build(ArchRules? native, ArchRules? x32, bool hasX32)
    {
        var ranges = new List<(uint, Node)>();
        Add(ranges, native, 0);
        if (hasX32)
        {
            Add(ranges, x32, ArchInfo.X32Bit);
            // -1 is no x32 call: it is what a tracer leaves to skip one.
            ranges.Add((Skip, make.Return(native?.OfUnnamed(Skip) ?? SeccompAction.KillProcess)));
        }

        return make.Load(Number, IntervalTree.Build(make, Number, ranges));
    }

    private void Add(List<(uint, Node)> ranges, ArchRules? rules, uint from)
    {
        if (rules is null)
        {
            ranges.Add((from, make.Return(SeccompAction.KillProcess)));
            return;
        }

        var arguments = new ArgumentDecision(make);
        var next = from;
        foreach (var (number, call) in rules.Calls)
        {
            if (number > next)
                ranges.Add((next, make.Return(rules.OfUnnamed(next))));
            ranges.Add((number, arguments.Build(call)));
            next = number + 1;
        }

        ranges.Add((next, make.Return(rules.OfUnnamed(next))));
    }
}
