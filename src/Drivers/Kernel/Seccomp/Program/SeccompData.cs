using System.Collections.Immutable;

namespace Provision.Kernel.Seccomp;

/// <summary>struct seccomp_data, linux/seccomp.h: what a filter sees of a system call.</summary>
/// <param name="Number">With bit 30 for x32.</param>
/// <param name="Arch">AUDIT_ARCH_*.</param>
/// <param name="Arguments">Six registers.</param>
public sealed record SeccompData(uint Number, uint Arch, ImmutableArray<ulong> Arguments)
{
    internal const uint NumberOffset = 0, ArchOffset = 4, ArgumentsOffset = 16, Size = 64;

    /// <summary>Offset of the low half of an argument on a little-endian machine; the high half is 4 after it.</summary>
    internal static uint Low(int index) => ArgumentsOffset + (8 * (uint)index);

    internal static uint High(int index) => Low(index) + 4;

    /// <summary>A word as LD | W | ABS reads it; the instruction pointer is 0.</summary>
    internal uint Word(uint offset) => offset switch
    {
        NumberOffset => Number,
        ArchOffset => Arch,
        < ArgumentsOffset => 0,
        _ when (offset & 4) == 0 => (uint)Arguments[(int)((offset - ArgumentsOffset) / 8)],
        _ => (uint)(Arguments[(int)((offset - ArgumentsOffset) / 8)] >> 32),
    };
}
