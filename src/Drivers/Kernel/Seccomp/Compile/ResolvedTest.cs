namespace Provision.Kernel.Seccomp;

/// <summary>A comparison on one architecture: of the low <paramref name="Bits"/> bits of an argument register.</summary>
/// <param name="Bits">16, 32 or 64.</param>
/// <param name="Source">What it was made from.</param>
internal sealed record ResolvedTest(int Index, int Bits, Comparison Comparison, ulong Value, ulong ValueTwo, ArgumentTest Source)
{
    /// <summary>The largest value that the argument can have.</summary>
    public ulong Most => ulong.MaxValue >> (64 - Bits);

    public static ResolvedTest Make(ArgumentTest test, string call, ArchInfo arch, bool literal) =>
        new(test.Index, Math.Min(arch.Registers, literal ? 64 : ArgumentWidths.Bits(call, test.Index)), test.Comparison, test.Value, test.ValueTwo, test);

    public bool Holds(ulong register)
    {
        var value = register & Most;
        return Comparison switch
        {
            Comparison.NotEqual => value != Value,
            Comparison.Less => value < Value,
            Comparison.AtMost => value <= Value,
            Comparison.Equal => value == Value,
            Comparison.AtLeast => value >= Value,
            Comparison.Greater => value > Value,
            _ => (value & Value) == ValueTwo,
        };
    }

    /// <summary>No register can meet it.</summary>
    public bool NeverHolds => Comparison switch
    {
        Comparison.Less => Value == 0,
        Comparison.Equal or Comparison.AtLeast => Value > Most,
        Comparison.Greater => Value >= Most,
        Comparison.MaskedEqual => (ValueTwo & ~(Value & Most)) != 0,
        _ => false,
    };

    /// <summary>Every register meets it.</summary>
    public bool AlwaysHolds => Comparison switch
    {
        Comparison.NotEqual => Value > Most,
        Comparison.Less => Value > Most,
        Comparison.AtMost => Value >= Most,
        Comparison.AtLeast => Value == 0,
        Comparison.MaskedEqual => (Value & Most) == 0 && ValueTwo == 0,
        _ => false,
    };

    /// <summary>
    /// Registers at which this and other comparisons of the same argument may change: if comparisons meet anywhere,
    /// they meet at one of them.
    /// </summary>
    public IEnumerable<ulong> Edges => Comparison == Comparison.MaskedEqual
        ? [ValueTwo, ValueTwo | (Most & ~Value), 0, Most, Value, Value ^ ValueTwo]
        : [Value - 1, Value, Value + 1, 0, Most];
}
