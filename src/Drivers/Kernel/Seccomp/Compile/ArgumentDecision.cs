using System.Collections.Immutable;

namespace Provision.Kernel.Seccomp;

/// <summary>The rules of one call, which its arguments decide, to steps.</summary>
internal sealed class ArgumentDecision(NodeFactory make)
{
    public Node Build(CallRules rules)
    {
        if (rules.Constant is { } constant)
            return make.Return(constant);
        var alternatives = rules.Conditional
            .Where(static a => !a.Tests.Any(static t => t.NeverHolds))
            .Select(static a => (Tests: a.Tests.RemoveAll(static t => t.AlwaysHolds), a.Action))
            .ToList();
        return OneRangedArgument(alternatives) is { } first
            ? new ValueRanges(make, first.Index, first.Bits).Build(alternatives, rules.Default)
            : InTurn(alternatives, rules.Default);
    }

    // Every rule compares the same argument once, and not through a mask: ranges of values.
    private static ResolvedTest? OneRangedArgument(List<(ImmutableArray<ResolvedTest> Tests, SeccompAction Action)> alternatives) =>
        alternatives.Count > 0 && alternatives.All(a => a.Tests is [{ Comparison: not Comparison.MaskedEqual } one] && one.Index == alternatives[0].Tests[0].Index)
            ? alternatives[0].Tests[0]
            : null;

    private Node InTurn(List<(ImmutableArray<ResolvedTest> Tests, SeccompAction Action)> alternatives, SeccompAction otherwise)
    {
        var node = make.Return(otherwise);
        foreach (var (tests, action) in alternatives.AsEnumerable().Reverse())
        {
            var no = node;
            node = tests.Reverse().Aggregate(make.Return(action), (yes, test) => Test(test, yes, no));
        }

        return node;
    }

    private Node Test(ResolvedTest test, Node yes, Node no) => test.Comparison switch
    {
        Comparison.Equal => Equal(test, yes, no),
        Comparison.NotEqual => Equal(test, no, yes),
        Comparison.AtLeast => Above(test, SockFilter.JumpAtLeast, yes, no),
        Comparison.Less => Above(test, SockFilter.JumpAtLeast, no, yes),
        Comparison.Greater => Above(test, SockFilter.JumpGreater, yes, no),
        Comparison.AtMost => Above(test, SockFilter.JumpGreater, no, yes),
        _ => Masked(test, yes, no),
    };

    private Node Equal(ResolvedTest test, Node yes, Node no)
    {
        var low = Compare(LowWord(test), SockFilter.JumpEqual, (uint)test.Value, yes, no);
        return test.Bits < 64 ? low : Compare(HighWord(test), SockFilter.JumpEqual, (uint)(test.Value >> 32), low, no);
    }

    // The high words decide; only where they are equal do the low ones.
    private Node Above(ResolvedTest test, ushort code, Node yes, Node no)
    {
        var low = Compare(LowWord(test), code, (uint)test.Value, yes, no);
        if (test.Bits < 64)
            return low;
        var word = HighWord(test);
        var high = (uint)(test.Value >> 32);
        return Compare(word, SockFilter.JumpGreater, high, yes, Compare(word, SockFilter.JumpEqual, high, low, no));
    }

    private Node Masked(ResolvedTest test, Node yes, Node no)
    {
        var mask = test.Value & test.Most;
        var low = Masked(LowWord(test).Offset, (uint)mask, (uint)test.ValueTwo, yes, no);
        return test.Bits < 64 ? low : Masked(HighWord(test).Offset, (uint)(mask >> 32), (uint)(test.ValueTwo >> 32), low, no);
    }

    private Node Masked(uint offset, uint mask, uint value, Node yes, Node no) => (mask, value) switch
    {
        (0, _) => yes,
        (uint.MaxValue, _) => Compare(new Word(offset), SockFilter.JumpEqual, value, yes, no),
        (_, 0) => Compare(new Word(offset), SockFilter.JumpSet, mask, no, yes),
        _ => Compare(new Word(offset, mask), SockFilter.JumpEqual, value, yes, no),
    };

    private Node Compare(Word word, ushort code, uint k, Node yes, Node no) =>
        make.Load(word, make.Jump(word, code, k, yes, no));

    private static Word LowWord(ResolvedTest test) => ValueRanges.LowWord(test.Index, test.Bits);

    private static Word HighWord(ResolvedTest test) => new(SeccompData.High(test.Index));
}
