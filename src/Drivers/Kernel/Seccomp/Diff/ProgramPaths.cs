using System.Collections.Immutable;

namespace Provision.Kernel.Seccomp;

/// <summary>A way through a program for one call: what the arguments must be, and the verdict.</summary>
internal sealed record ProgramPath(ImmutableList<WordCondition> Conditions, SeccompAction Action);

/// <summary>All ways through a program for a call of a known number and architecture.</summary>
internal sealed class ProgramPaths(ImmutableArray<SockFilter> steps, uint number, uint audit, Effort effort)
{
    private const int Most = 4_000;

    private readonly List<ProgramPath> _found = [];

    /// <exception cref="InvalidProgramException">An instruction that cannot be followed, or more ways than can be.</exception>
    public static List<ProgramPath> Of(SeccompProgram program, uint number, uint audit, Effort effort)
    {
        var paths = new ProgramPaths(program.Instructions, number, audit, effort);
        paths.Follow(0, null, uint.MaxValue, []);
        return paths._found;
    }

    private void Follow(long at, uint? offset, uint mask, ImmutableList<WordCondition> conditions)
    {
        while (true)
        {
            effort.Step();
            if (at >= steps.Length)
                throw new InvalidProgramException("the program ends without a return");
            var step = steps[(int)at];
            switch (step.Code)
            {
                case SockFilter.Load when step.K < SeccompData.Size && step.K % 4 == 0:
                    (offset, mask) = (step.K, uint.MaxValue);
                    break;
                case SockFilter.And when offset is not null:
                    mask &= step.K;
                    break;
                case SockFilter.Jump:
                    at += step.K;
                    break;
                case SockFilter.Return:
                    if (_found.Count == Most)
                        throw new InvalidProgramException($"more than {Most} ways through the program for one call");
                    _found.Add(new ProgramPath(conditions, new SeccompAction(step.K)));
                    return;
                case var _ when step.IsConditional && offset is { } word:
                    var condition = new WordCondition(word, mask, step.Code, step.K, true);
                    if (Known(word) is { } value)
                    {
                        // Ranges of numbers are told apart by comparisons alone.
                        if (word == SeccompData.NumberOffset && (mask != uint.MaxValue || step.Code == SockFilter.JumpSet))
                            throw new InvalidProgramException($"instruction {at} tests single bits of the number, which cannot be followed");
                        at += condition.IsMetBy(value) ? step.JumpTrue : step.JumpFalse;
                        break;
                    }

                    Follow(at + 1 + step.JumpTrue, offset, mask, conditions.Add(condition));
                    conditions = conditions.Add(condition with { Holds = false });
                    at += step.JumpFalse;
                    break;
                default:
                    throw new InvalidProgramException($"instruction {at} (code 0x{step.Code:x2}) cannot be followed");
            }

            at++;
        }
    }

    private uint? Known(uint offset) => offset switch
    {
        SeccompData.NumberOffset => number,
        SeccompData.ArchOffset => audit,
        _ => null,
    };
}
