using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Provision.Kernel.Reading;
using Provision.Kernel.Seccomp;

namespace Provision.Kernel.Tests.Reading;

/// <summary>The kept instructions are the compiled rules, whatever is put in; the verdict on every call is as kept.</summary>
public sealed class ReadingProgramTests
{
    private static readonly string Here = Path.GetDirectoryName(File())!;

    [Theory]
    [InlineData(SeccompArch.X86_64)]
    [InlineData(SeccompArch.Arm64)]
    public void Kept_Instructions_AreWhatTheCompilerMakes(SeccompArch arch)
    {
        var program = ReadingProgram.Compile(arch, ReadingProgram.Placeholders);
        var text = new StringBuilder($$"""
            // Written by ReadingProgramTests (UPDATE_GOLDEN=1): the rules of ReadingProfile, compiled.
            namespace Provision.Kernel.Reading;

            internal static partial class ReadingProgram
            {
                internal static ReadOnlySpan<ulong> {{arch}} =>
                [

            """);
        foreach (var line in MemoryMarshal.Cast<byte, ulong>(program.Bytes.Span).ToArray().Chunk(5))
            text.Append($"        {string.Join(", ", line.Select(static step => $"0x{step:x16}"))},\n");
        text.Append("    ];\n}\n");

        AssertKept(Path.Combine(Here, $"../../../src/Drivers/Kernel/Reading/ReadingProgram.{arch}.cs"), text.ToString());
    }

    [Theory]
    [InlineData(1u, 0x7f00_0000_1000UL, 0UL, 0UL)]
    [InlineData(4194304u, 0xffff_ffff_f000UL, 0x5555_0000_0010UL, 0x5555_0000_0040UL)]
    [InlineData(27540u, 0x1000UL, 0xffff_0000_0000UL, 0x1_0000_0000UL)]
    [InlineData(0x5EAD0001u, 0x5EAD0003_5EAD2000UL, 8UL, 16UL)]
    public void Pinned_WithAnyPins_DecidesAsCompiledWithThem(uint pid, ulong ways, ulong from, ulong to)
    {
        var pins = new ReadingPins(pid, ways, from, to);

        Assert.Empty(SeccompDiff.Compare(ReadingProgram.Compile(SeccompArch.X86_64, pins), new SeccompProgram([.. ReadingProgram.Pinned(ReadingProgram.X86_64, pins)])));
        Assert.Empty(SeccompDiff.Compare(ReadingProgram.Compile(SeccompArch.Arm64, pins), new SeccompProgram([.. ReadingProgram.Pinned(ReadingProgram.Arm64, pins)])));
    }

    [Theory]
    [InlineData(SeccompArch.X86_64)]
    [InlineData(SeccompArch.Arm64)]
    public void Verdicts_OfEveryCall_AreAsKept(SeccompArch arch)
    {
        var verdicts = ArchInfo.Of(arch).Table.Names.Order(StringComparer.Ordinal).GroupBy(name => Verdicts.Of(arch, name)).OrderBy(static g => g.Key, StringComparer.Ordinal);
        var text = new StringBuilder();
        foreach (var group in verdicts)
            text.Append($"# {group.Key}\n").AppendJoin('\n', group).Append("\n\n");

        AssertKept(Path.Combine(Here, "Kept", $"verdicts-{SeccompArchs.Name(arch)}.txt"), text.ToString());
    }

    [Theory]
    [InlineData(SeccompArch.X86_64)]
    [InlineData(SeccompArch.Arm64)]
    public void Verdicts_OfNumbersWithoutAName_AreRefusals(SeccompArch arch)
    {
        var (table, program) = (ArchInfo.Of(arch).Table, Verdicts.Program(arch));
        foreach (var number in Enumerable.Range(0, 2048).Select(static n => (uint)n).Append(uint.MaxValue).Where(n => table.Name(n) is null))
            Assert.Equal("ERRNO ENOSYS", program.Run(new SeccompData(number, ArchInfo.Of(arch).Audit, [0, 0, 0, 0, 0, 0])).Action.ToString());
    }

    [Theory]
    [InlineData(SeccompArch.X86_64, 0x40000003u, 0u)] // i386, as int 0x80 reaches it
    [InlineData(SeccompArch.X86_64, 0xC000003Eu, 0x40000000u)] // x32
    [InlineData(SeccompArch.Arm64, 0x40000028u, 0u)] // arm
    public void Calls_OfOtherArchitectures_Kill(SeccompArch arch, uint audit, uint bit)
    {
        foreach (var number in Enumerable.Range(0, 1024))
            Assert.Equal(SeccompAction.KillProcess, Verdicts.Program(arch).Run(new SeccompData((uint)number | bit, audit, [0, 0, 0, 0, 0, 0])).Action);
    }

    private static void AssertKept(string path, string actual)
    {
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            System.IO.File.WriteAllText(path, actual);
        Assert.Equal(System.IO.File.Exists(path) ? System.IO.File.ReadAllText(path) : "", actual);
    }

    private static string File([CallerFilePath] string path = "") => path;
}
