using System.Runtime.InteropServices;

namespace Provision.Kernel.Seccomp;

/// <summary>struct sock_filter, linux/filter.h: one instruction of classic BPF.</summary>
/// <param name="Code">Class, size and mode or operation and source (linux/bpf_common.h).</param>
/// <param name="JumpTrue">Instructions skipped when the comparison holds.</param>
/// <param name="JumpFalse">Instructions skipped when it does not.</param>
/// <param name="K">Constant: offset, operand, jump distance or returned value.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct SockFilter(ushort Code, byte JumpTrue, byte JumpFalse, uint K)
{
    // The operations that the compiler uses; the first five are what the kernel's allow-cache can follow.
    public const ushort Load = 0x20;            // LD | W | ABS
    public const ushort Return = 0x06;          // RET | K
    public const ushort Jump = 0x05;            // JMP | JA
    public const ushort JumpEqual = 0x15;       // JMP | JEQ | K
    public const ushort JumpGreater = 0x25;     // JMP | JGT | K
    public const ushort JumpAtLeast = 0x35;     // JMP | JGE | K
    public const ushort JumpSet = 0x45;         // JMP | JSET | K
    public const ushort And = 0x54;             // ALU | AND | K

    /// <summary>Bytes of one instruction.</summary>
    public const int Size = 8;

    /// <summary>What the kernel takes at most (BPF_MAXINSNS).</summary>
    public const int Most = 4096;

    public bool IsConditional => Code is JumpEqual or JumpGreater or JumpAtLeast or JumpSet;
}
