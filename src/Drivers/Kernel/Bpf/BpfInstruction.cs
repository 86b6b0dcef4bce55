using System.Runtime.InteropServices;

namespace Provision.Kernel;

/// <summary>struct bpf_insn, linux/bpf.h.</summary>
/// <param name="Registers">Destination in the low four bits, source in the high four.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct BpfInstruction(byte Code, byte Registers, short Offset, int Immediate)
{
    // Operations used by device programs: class, size or source, operation (linux/bpf_common.h, linux/bpf.h).
    public const byte LoadWord = 0x61;       // LDX | MEM | W
    public const byte And = 0x57;            // ALU64 | AND | K
    public const byte ShiftRight = 0x77;     // ALU64 | RSH | K
    public const byte Copy = 0xbf;           // ALU64 | MOV | X
    public const byte Set = 0xb7;            // ALU64 | MOV | K
    public const byte JumpIfNot = 0x55;      // JMP | JNE | K
    public const byte Exit = 0x95;           // JMP | EXIT

    public int Destination => Registers & 15;

    public int Source => Registers >> 4;

    public static BpfInstruction Make(byte code, int destination = 0, int source = 0, int offset = 0, int immediate = 0) =>
        new(code, (byte)(destination | (source << 4)), (short)offset, immediate);

    public override string ToString() => Code switch
    {
        LoadWord => $"r{Destination} = *(u32 *)(r{Source} + {Offset})",
        And => $"r{Destination} &= 0x{Immediate:x}",
        ShiftRight => $"r{Destination} >>= {Immediate}",
        Copy => $"r{Destination} = r{Source}",
        Set => $"r{Destination} = {Immediate}",
        JumpIfNot => $"if r{Destination} != {Immediate} goto +{Offset}",
        Exit => "exit",
        _ => $"code 0x{Code:x2} registers 0x{Registers:x2} offset {Offset} immediate {Immediate}",
    };
}
