using System.Collections.Immutable;
using Provision.Kernel.Reading;
using Provision.Kernel.Seccomp;

namespace Provision.Kernel.Tests.Reading;

/// <summary>What the reading filter's instructions return, by call and arguments.</summary>
internal static class Verdicts
{
    /// <summary>In the programs here.</summary>
    public static readonly ReadingPins Pins = new(27540, 0x7f00_1234_5000, 0x5555_0000_1230, 0x5555_0000_4560);

    // Small, large, and all bits: what decides by an argument decides two of them differently, or some of what the rules
    // of other calls compare.
    private static readonly ulong[] Samples =
        [0, 1, 2, 3, 5, 8, 9, 13, 15, 16, 0x40, 0x80000, 0x10900, 0x20000, 0x4000000, 0x5401, 27540, 0x40086602, 0xffffff9c, ulong.MaxValue, Pins.Ways, Pins.OutputFrom, Pins.OutputTo];

    private static readonly ImmutableArray<(SeccompArch Arch, SeccompProgram Program)> Programs =
    [
        (SeccompArch.X86_64, new SeccompProgram([.. ReadingProgram.Pinned(ReadingProgram.X86_64, Pins)])),
        (SeccompArch.Arm64, new SeccompProgram([.. ReadingProgram.Pinned(ReadingProgram.Arm64, Pins)])),
    ];

    public static SeccompProgram Program(SeccompArch arch) => Programs.Single(p => p.Arch == arch).Program;

    public static SeccompAction Of(SeccompArch arch, string call, params ulong[] arguments)
    {
        var info = ArchInfo.Of(arch);
        return Program(arch).Run(new SeccompData(info.Table.Number(call)!.Value, info.Audit, [.. arguments, .. new ulong[6 - arguments.Length]])).Action;
    }

    /// <summary>One verdict, or those that arguments decide between.</summary>
    public static string Of(SeccompArch arch, string call)
    {
        IEnumerable<ulong[]> sets = Samples.SelectMany(static v => Enumerable.Range(0, 6).Select(i => { var a = new ulong[6]; a[i] = v; return a; }))
            .Concat(Samples.Select(static v => Enumerable.Repeat(v, 6).ToArray()))
            .Append([0xffffff9c, Pins.OutputFrom, 0xffffff9c, Pins.OutputTo, 0, 0])
            .Append([0xffffff9c, Pins.OutputFrom, 0, 0, 0, 0])
            .Append([16, 3, 0, 0, 0, 0]);
        var verdicts = sets.Select(a => Of(arch, call, a).ToString()).Distinct().Order(StringComparer.Ordinal).ToList();
        return verdicts is [var one] ? one : $"{string.Join(" or ", verdicts)}, by its arguments";
    }
}
