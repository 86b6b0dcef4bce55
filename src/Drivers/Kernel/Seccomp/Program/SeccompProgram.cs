using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Provision.Kernel.Seccomp;

/// <summary>A filter ready for seccomp(2).</summary>
/// <param name="Instructions">At most 4096.</param>
/// <param name="Flags">SECCOMP_FILTER_FLAG_* that the profile asks for; with a listener NEW_LISTENER among them.</param>
public sealed record SeccompProgram(ImmutableArray<SockFilter> Instructions, uint Flags = 0)
{
    /// <summary>Bits of <see cref="Flags"/>, linux/seccomp.h.</summary>
    public const uint FlagTsync = 1, FlagLog = 2, FlagSpecAllow = 4, FlagNewListener = 8, FlagWaitKillable = 32;

    /// <summary>The instructions as struct sock_filter, eight bytes each, little-endian.</summary>
    public ReadOnlyMemory<byte> Bytes { get; } = Write(Instructions);

    /// <summary>Instructions executed on the longest path.</summary>
    public int WorstExecuted => Longest(Instructions);

    /// <summary>What a call meets, and how many instructions that takes.</summary>
    public (SeccompAction Action, int Executed) Run(SeccompData data) => Interpreter.Run(Instructions.AsSpan(), data);

    /// <summary>A program as the kernel holds it; null when the bytes are none: no whole instructions, none, or more than 4096.</summary>
    public static SeccompProgram? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % SockFilter.Size != 0 || bytes.Length is 0 or > SockFilter.Most * SockFilter.Size)
            return null;
        var steps = ImmutableArray.CreateBuilder<SockFilter>(bytes.Length / SockFilter.Size);
        for (var at = bytes; at.Length > 0; at = at[SockFilter.Size..])
            steps.Add(new SockFilter(BinaryPrimitives.ReadUInt16LittleEndian(at), at[2], at[3], BinaryPrimitives.ReadUInt32LittleEndian(at[4..])));
        return new SeccompProgram(steps.MoveToImmutable());
    }

    private static byte[] Write(ImmutableArray<SockFilter> steps)
    {
        var bytes = new byte[steps.Length * SockFilter.Size];
        for (var i = 0; i < steps.Length; i++)
        {
            var at = bytes.AsSpan(i * SockFilter.Size);
            BinaryPrimitives.WriteUInt16LittleEndian(at, steps[i].Code);
            at[2] = steps[i].JumpTrue;
            at[3] = steps[i].JumpFalse;
            BinaryPrimitives.WriteUInt32LittleEndian(at[4..], steps[i].K);
        }

        return bytes;
    }

    // Jumps only go forward: from the last instruction back, each knows its longest way out.
    private static int Longest(ImmutableArray<SockFilter> steps)
    {
        var ways = new int[steps.Length];
        for (var i = steps.Length - 1; i >= 0; i--)
            ways[i] = 1 + ((steps[i].Code & 7) switch
            {
                6 => 0,
                5 when steps[i].Code == SockFilter.Jump => After(i + 1 + (long)steps[i].K),
                5 => Math.Max(After(i + 1L + steps[i].JumpTrue), After(i + 1L + steps[i].JumpFalse)),
                _ => After(i + 1L),
            });
        return ways.Length == 0 ? 0 : ways[0];

        int After(long at) => at < ways.Length ? ways[at] : 0;
    }
}
