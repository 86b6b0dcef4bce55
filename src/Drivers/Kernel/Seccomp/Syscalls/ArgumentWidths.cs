using System.Collections.Frozen;

namespace Provision.Kernel.Seccomp;

/// <summary>
/// How many bits of each argument register the kernel looks at: a parameter of type int, unsigned or umode_t cuts
/// off the rest, which a filter nevertheless sees (<c>socket(0x100000026)</c> opens family 38).
/// </summary>
internal static class ArgumentWidths
{
    private static readonly Lazy<FrozenDictionary<string, string>> Calls = new(static () =>
        SyscallData.Widths.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Chunk(2).ToFrozenDictionary(static p => p[0], static p => p[1]));

    /// <summary>16, 32 or 64; 64 where nothing is known.</summary>
    /// <param name="index">From 0 to 5.</param>
    public static int Bits(string call, int index) =>
        Calls.Value.TryGetValue(call, out var kinds) && index < kinds.Length
            ? kinds[index] switch { 'i' => 32, 's' => 16, _ => 64 }
            : 64;
}
