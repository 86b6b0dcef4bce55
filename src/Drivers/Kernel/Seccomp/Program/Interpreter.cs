namespace Provision.Kernel.Seccomp;

/// <summary>
/// Runs classic BPF as the kernel runs a seccomp filter: every instruction that seccomp takes (kernel/seccomp.c,
/// seccomp_check_filter), so that programs of other compilers run too.
/// </summary>
public static class Interpreter
{
    /// <summary>What the program returns, and how many instructions that took.</summary>
    /// <exception cref="InvalidProgramException">It leaves the program, or has an instruction that seccomp refuses.</exception>
    public static (SeccompAction Action, int Executed) Run(ReadOnlySpan<SockFilter> program, SeccompData data)
    {
        Span<uint> memory = stackalloc uint[16];
        memory.Clear();
        uint a = 0, x = 0;
        var executed = 0;
        for (var at = 0; at < program.Length; at++)
        {
            var step = program[at];
            executed++;
            switch (step.Code)
            {
                case SockFilter.Load when step.K % 4 == 0 && step.K < SeccompData.Size: a = data.Word(step.K); break;
                case 0x80: a = SeccompData.Size; break;                                     // LD | W | LEN
                case 0x81: x = SeccompData.Size; break;                                     // LDX | W | LEN
                case 0x00: a = step.K; break;                                               // LD | IMM
                case 0x01: x = step.K; break;                                               // LDX | IMM
                case 0x60 when step.K < 16: a = memory[(int)step.K]; break;                 // LD | MEM
                case 0x61 when step.K < 16: x = memory[(int)step.K]; break;                 // LDX | MEM
                case 0x02 when step.K < 16: memory[(int)step.K] = a; break;                 // ST
                case 0x03 when step.K < 16: memory[(int)step.K] = x; break;                 // STX
                case 0x07: x = a; break;                                                    // TAX
                case 0x87: a = x; break;                                                    // TXA
                case SockFilter.Return: return (new SeccompAction(step.K), executed);
                case 0x16: return (new SeccompAction(a), executed);                         // RET | A
                case SockFilter.Jump: at += (int)Math.Min(step.K, SockFilter.Most); break;
                default:
                    if ((step.Code & 7) == 5)
                        at += Holds(step, a, x, at) ? step.JumpTrue : step.JumpFalse;
                    else if ((step.Code & 7) != 4)
                        throw Invalid(step, at);
                    else if (Compute(step, a, x, at) is { } result)
                        a = result;
                    else
                        return (SeccompAction.KillThread, executed);
                    break;
            }
        }

        throw new InvalidProgramException("the program ends without a return");
    }

    private static bool Holds(SockFilter step, uint a, uint x, int at)
    {
        var operand = (step.Code & 8) == 0 ? step.K : x;
        return (step.Code & ~8) switch
        {
            SockFilter.JumpEqual => a == operand,
            SockFilter.JumpGreater => a > operand,
            SockFilter.JumpAtLeast => a >= operand,
            SockFilter.JumpSet => (a & operand) != 0,
            _ => throw Invalid(step, at),
        };
    }

    // Null: division by a register that is zero ends the program with 0.
    private static uint? Compute(SockFilter step, uint a, uint x, int at)
    {
        var operand = (step.Code & 8) == 0 ? step.K : x;
        return (step.Code & ~8) switch
        {
            0x04 => a + operand,
            0x14 => a - operand,
            0x24 => a * operand,
            0x34 => operand == 0 ? null : a / operand,
            0x44 => a | operand,
            SockFilter.And => a & operand,
            0x64 => operand > 31 ? 0 : a << (int)operand,
            0x74 => operand > 31 ? 0 : a >> (int)operand,
            0xa4 => a ^ operand,
            0x84 => 0 - a,
            _ => throw Invalid(step, at),
        };
    }

    private static InvalidProgramException Invalid(SockFilter step, int at) =>
        new($"instruction {at}: code 0x{step.Code:x2} with constant 0x{step.K:x} is none that seccomp takes");
}
