namespace Provision.Kernel.Seccomp;

/// <summary>A condition on a word of struct seccomp_data: (word &amp; Mask) compared with K, met or not.</summary>
internal readonly record struct WordCondition(uint Offset, uint Mask, ushort Code, uint K, bool Holds)
{
    public bool IsMetBy(uint word)
    {
        var value = word & Mask;
        return Holds == Code switch
        {
            SockFilter.JumpEqual => value == K,
            SockFilter.JumpGreater => value > K,
            SockFilter.JumpAtLeast => value >= K,
            _ => (value & K) != 0,
        };
    }
}

/// <summary>Finds a word that meets conditions, or shows that there is none: bit by bit from the highest, exactly.</summary>
internal sealed class WordSolver
{
    // Comparisons through many different masks can be as hard as one likes.
    private const int Patience = 100_000;

    private readonly WordCondition[] _conditions;
    private readonly Effort _effort;
    private readonly HashSet<(int Bit, string State)> _seen = [];

    private WordSolver(WordCondition[] conditions, Effort effort) => (_conditions, _effort) = (conditions, effort);

    private enum State : ushort
    {
        /// <summary>The bits so far leave it open.</summary>
        Open,

        /// <summary>Met, whatever the bits to come.</summary>
        Met,

        Lost,
    }

    /// <summary>Null when no word meets all.</summary>
    /// <exception cref="InvalidProgramException">Too hard to tell.</exception>
    public static uint? Solve(IEnumerable<WordCondition> conditions, Effort effort)
    {
        var solver = new WordSolver([.. conditions.Distinct()], effort);
        return solver.Search(31, new State[solver._conditions.Length], 0);
    }

    private uint? Search(int bit, State[] states, uint word)
    {
        _effort.Step();
        if (bit < 0)
            return _conditions.All(c => c.IsMetBy(word)) ? word : null;
        if (states.Contains(State.Lost) || !_seen.Add((bit, string.Concat(states.Select(static s => (char)s)))))
            return null;
        if (_seen.Count > Patience)
            throw new InvalidProgramException("arguments are compared through more masks than can be followed");
        return Search(bit - 1, Step(bit, states, 0), word) ?? Search(bit - 1, Step(bit, states, 1), word | (1u << bit));
    }

    private State[] Step(int bit, State[] states, uint value) =>
        [.. states.Select((state, i) => state == State.Open ? Decide(_conditions[i], (value & (_conditions[i].Mask >> bit)) == 1, ((_conditions[i].K >> bit) & 1) == 1) : state)];

    // The first bit that differs from K's decides a comparison, the first common one a JSET.
    private static State Decide(WordCondition condition, bool mine, bool theirs)
    {
        bool? isTrue = condition.Code switch
        {
            SockFilter.JumpSet => mine && theirs ? true : null,
            _ when mine == theirs => null,
            SockFilter.JumpEqual => false,
            _ => mine,
        };
        return isTrue is { } known ? known == condition.Holds ? State.Met : State.Lost : State.Open;
    }
}
