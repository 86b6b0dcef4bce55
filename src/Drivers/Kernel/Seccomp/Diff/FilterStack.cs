using System.Collections.Immutable;

namespace Provision.Kernel.Seccomp;

/// <summary>A process's filters held against the one that it should have.</summary>
/// <param name="Programs">Oldest first.</param>
/// <param name="Place">Where the expected one is among them; -1: it is missing, or none is expected.</param>
/// <param name="IsMissing">One is expected and none of them does the same.</param>
/// <param name="SameBytes">The one at the place is the expected byte by byte; else its verdicts were compared, and all are the same.</param>
public sealed record FilterStack(ImmutableArray<SeccompProgram> Programs, int Place, bool IsMissing, bool SameBytes)
{
    // One comparison of ordinary filters takes some 100,000 steps.
    private const int Patience = 5_000_000;

    /// <summary>What a missing filter is compared with: the oldest of those that are there.</summary>
    public ImmutableArray<VerdictChange> Changes { get; private init; } = [];

    /// <summary>Why the verdicts could not be compared; null when they were, or need not be.</summary>
    public string? Trouble { get; private init; }

    /// <summary>Nothing but the expected filter, or nothing where none is expected.</summary>
    public bool IsAsExpected => !IsMissing && Programs.Length == (Place < 0 ? 0 : 1);

    /// <summary>Places of filters that nobody asked for.</summary>
    public IEnumerable<int> Foreign => Enumerable.Range(0, Programs.Length).Where(i => i != Place);

    /// <param name="expected">Null where there should be none.</param>
    public static FilterStack Compare(SeccompProgram? expected, ImmutableArray<SeccompProgram> programs)
    {
        if (expected is null)
            return new FilterStack(programs, -1, false, false);
        for (var i = 0; i < programs.Length; i++)
            if (programs[i].Bytes.Span.SequenceEqual(expected.Bytes.Span))
                return new FilterStack(programs, i, false, true);
        var missing = new FilterStack(programs, -1, true, false);
        for (var i = 0; i < programs.Length; i++)
            try
            {
                var changes = SeccompDiff.Compare(expected, programs[i], Patience);
                if (changes.IsEmpty)
                    return new FilterStack(programs, i, false, false);
                if (i == 0)
                    missing = missing with { Changes = changes };
            }
            catch (InvalidProgramException odd)
            {
                // The kernel takes programs that we do not follow; a container can load what is meant to be slow to follow.
                if (i == 0)
                    missing = missing with { Trouble = odd.Message };
            }

        return missing;
    }
}
