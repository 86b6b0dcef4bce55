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
    private readonly WordCondition[] _conditions;
    private readonly HashSet<(int Bit, string State)> _dead = [];

    private WordSolver(WordCondition[] conditions) => _conditions = conditions;

    // How the bits so far compare with those of K; for JSET, Less is "no bit met" and Greater "some".
    private enum Order : ushort
    {
        Less,
        Equal,
        Greater,
    }

    /// <summary>Null when no word meets all.</summary>
    public static uint? Solve(IEnumerable<WordCondition> conditions)
    {
        var solver = new WordSolver([.. conditions.Distinct()]);
        var start = solver._conditions.Select(static c => c.Code == SockFilter.JumpSet ? Order.Less : Order.Equal).ToArray();
        return solver.Search(31, start, 0);
    }

    private uint? Search(int bit, Order[] states, uint word)
    {
        if (bit < 0)
            return _conditions.All(c => c.IsMetBy(word)) ? word : null;
        if (_conditions.Where((c, i) => IsLost(c, states[i])).Any() || !_dead.Add((bit, string.Concat(states.Select(static s => (char)s)))))
            return null;
        return Search(bit - 1, Step(bit, states, 0), word) ?? Search(bit - 1, Step(bit, states, 1), word | (1u << bit));
    }

    private Order[] Step(int bit, Order[] states, uint value)
    {
        var next = new Order[states.Length];
        for (var i = 0; i < states.Length; i++)
        {
            var condition = _conditions[i];
            var (mine, theirs) = (value & (condition.Mask >> bit), (condition.K >> bit) & 1);
            next[i] = condition.Code == SockFilter.JumpSet ? (mine & theirs) != 0 ? Order.Greater : states[i]
                : states[i] != Order.Equal || mine == theirs ? states[i]
                : mine > theirs ? Order.Greater : Order.Less;
        }

        return next;
    }

    // Decided the wrong way by the bits so far.
    private static bool IsLost(WordCondition condition, Order state) => condition.Code switch
    {
        SockFilter.JumpEqual => condition.Holds && state != Order.Equal,
        SockFilter.JumpSet => !condition.Holds && state == Order.Greater,
        _ => state == Order.Greater ? !condition.Holds : state == Order.Less && condition.Holds,
    };
}
