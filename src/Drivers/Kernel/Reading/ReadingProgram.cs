using System.Runtime.InteropServices;
using Provision.Kernel.Seccomp;

namespace Provision.Kernel.Reading;

/// <summary>
/// The compiled reading filter. Every reading command wears it, so it is compiled when it is changed and not at each
/// start: the instructions are kept in this folder, with placeholders where the pins go, and a test holds them against
/// the compiler.
/// </summary>
internal static partial class ReadingProgram
{
    /// <summary>Stand for themselves in the kept instructions: numbers that nothing else in them is.</summary>
    internal static readonly ReadingPins Placeholders = new(0x5EAD0001, 0x5EAD0003_5EAD2000, 0x5EAD0005_5EAD0004, 0x5EAD0007_5EAD0006);

    /// <summary>The kept instructions with these pins; those of this process's architecture.</summary>
    public static SockFilter[] Pinned(ReadingPins pins) => Pinned(Libc.IsArm64 ? Arm64 : X86_64, pins);

    internal static SockFilter[] Pinned(ReadOnlySpan<ulong> kept, ReadingPins pins)
    {
        var steps = MemoryMarshal.Cast<ulong, SockFilter>(kept).ToArray();
        foreach (ref var step in steps.AsSpan())
            if (step.Code == SockFilter.JumpEqual)
                step = step with { K = Pin(step.K, pins) };
        return steps;
    }

    /// <summary>Compiles anew, for this architecture alone: calls of others kill.</summary>
    internal static SeccompProgram Compile(SeccompArch arch, ReadingPins pins)
    {
        // Without the checks for what is to start a program: nothing is started under this filter.
        var target = new SeccompTarget(arch, 0, new Version(0, 0)) { Only = [arch] };
        return new SeccompProgram(Assembler.Assemble(SeccompCompiler.Root(SeccompCompiler.Resolve(ReadingProfile.Of(pins), target))));
    }

    private static uint Pin(uint k, ReadingPins pins) =>
        k == Placeholders.Pid ? pins.Pid
        : k == (uint)Placeholders.Ways ? (uint)pins.Ways
        : k == (uint)(Placeholders.Ways >> 32) ? (uint)(pins.Ways >> 32)
        : k == (uint)Placeholders.OutputFrom ? (uint)pins.OutputFrom
        : k == (uint)(Placeholders.OutputFrom >> 32) ? (uint)(pins.OutputFrom >> 32)
        : k == (uint)Placeholders.OutputTo ? (uint)pins.OutputTo
        : k == (uint)(Placeholders.OutputTo >> 32) ? (uint)(pins.OutputTo >> 32)
        : k;
}
