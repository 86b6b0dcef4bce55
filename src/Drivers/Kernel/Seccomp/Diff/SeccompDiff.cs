using System.Collections.Immutable;

namespace Provision.Kernel.Seccomp;

/// <summary>
/// Compares two filters by what they do: every way through the one with every way through the other, for every
/// architecture and every range of numbers that either tells apart. No row means that no call is treated differently.
/// </summary>
public static class SeccompDiff
{
    // Stands for every architecture that no filter names.
    private const uint NoAudit = 0;

    /// <summary>The differences in the order of architectures and numbers.</summary>
    /// <param name="patience">Steps and pairs of ways that may be followed; for programs of strangers.</param>
    /// <exception cref="InvalidProgramException">A program has instructions that cannot be followed, or too many ways.</exception>
    public static ImmutableArray<VerdictChange> Compare(SeccompProgram before, SeccompProgram after, int patience = int.MaxValue)
    {
        var effort = new Effort(patience);
        var changes = ImmutableArray.CreateBuilder<VerdictChange>();
        foreach (var audit in ArchInfo.All.Select(static a => a.Audit).Distinct().Append(NoAudit))
            foreach (var change in Of(before, after, audit, effort))
                if (changes.Count > 0 && Continues(changes[^1], change))
                    changes[^1] = changes[^1] with { Last = change.Last };
                else
                    changes.Add(change);
        return changes.ToImmutable();
    }

    private static IEnumerable<VerdictChange> Of(SeccompProgram before, SeccompProgram after, uint audit, Effort effort)
    {
        var starts = Starts(before).Concat(Starts(after)).Concat(Named(audit)).Append(0u).Distinct().Order().ToList();
        for (var i = 0; i < starts.Count; i++)
        {
            var last = i + 1 < starts.Count ? starts[i + 1] - 1 : uint.MaxValue;
            foreach (var change in At(before, after, starts[i], audit, effort))
                yield return change with { Last = last };
        }
    }

    private static IEnumerable<VerdictChange> At(SeccompProgram before, SeccompProgram after, uint number, uint audit, Effort effort)
    {
        var seen = new HashSet<(SeccompAction, SeccompAction)>();
        var (first, second) = (ProgramPaths.Of(before, number, audit, effort), ProgramPaths.Of(after, number, audit, effort));
        var arch = ArchInfo.OfCall(audit, number);
        var name = arch?.Table.Name(number - arch.Bit);
        foreach (var one in first)
            foreach (var other in second)
            {
                effort.Step();
                if (one.Action != other.Action && !seen.Contains((one.Action, other.Action)) && Meet(one, other, arch?.Registers ?? 64, effort) is { } arguments)
                {
                    seen.Add((one.Action, other.Action));
                    yield return new VerdictChange(
                        arch?.Arch, number, name, new SeccompData(number, audit, arguments),
                        first.Count > 1 || second.Count > 1, one.Action, other.Action);
                }
            }
    }

    // Arguments that take both ways; null when there are none. A call of a 32-bit machine has no high words.
    private static ImmutableArray<ulong>? Meet(ProgramPath one, ProgramPath other, int registers, Effort effort)
    {
        var arguments = new ulong[6];
        foreach (var word in one.Conditions.Concat(other.Conditions).GroupBy(static c => c.Offset))
        {
            var isArgument = word.Key >= SeccompData.ArgumentsOffset;
            var isAbsent = isArgument && registers == 32 && (word.Key & 4) != 0;
            if (WordSolver.Solve(isAbsent ? word.Append(new WordCondition(word.Key, uint.MaxValue, SockFilter.JumpEqual, 0, true)) : word, effort) is not { } value)
                return null;
            if (isArgument)
                arguments[(word.Key - SeccompData.ArgumentsOffset) / 8] |= (ulong)value << (8 * (int)(word.Key & 4));
        }

        return [.. arguments];
    }

    // Where a comparison of the number may change its answer.
    private static IEnumerable<uint> Starts(SeccompProgram program)
    {
        foreach (var step in program.Instructions.Where(static s => s.IsConditional))
        {
            yield return step.K;
            if (step.K < uint.MaxValue)
                yield return step.K + 1;
        }
    }

    private static IEnumerable<uint> Named(uint audit) => ArchInfo.All
        .Where(a => a.Audit == audit)
        .SelectMany(static a => a.Table.Numbers.SelectMany(n => (uint[])[n + a.Bit, n + a.Bit + 1]).Append(a.Bit))
        .Append(uint.MaxValue);

    private static bool Continues(VerdictChange before, VerdictChange next) =>
        before.Name is null && next.Name is null && before.Arch == next.Arch && before.Witness.Arch == next.Witness.Arch &&
        !before.Arguments && !next.Arguments && before.Last + 1 == next.Witness.Number &&
        (before.Before, before.After) == (next.Before, next.After);
}
