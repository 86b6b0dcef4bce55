using System.Runtime.InteropServices;
using Provision.Kernel.Seccomp;

namespace Provision.Kernel.Tests.Seccomp;

/// <summary>Instructions: their bytes, their text, far jumps, and the interpreter on its own.</summary>
public sealed class ProgramTests
{
    private static readonly SeccompData Read = new(0, 0xC000003E, [1, 2, 3, 4, 5, 6]);

    [Fact]
    public void Bytes_OfAProgram_AreTheInstructionsAndReadBack()
    {
        var program = Profiles.Program(Profiles.Text("docker-default"));

        Assert.Equal(MemoryMarshal.AsBytes(program.Instructions.AsSpan()).ToArray(), program.Bytes.ToArray());
        Assert.Equal(program.Instructions.ToArray(), SeccompProgram.Read(program.Bytes.Span)!.Instructions.ToArray());
        Assert.Null(SeccompProgram.Read(program.Bytes.Span[1..]));
        Assert.Null(SeccompProgram.Read([]));
        Assert.Null(SeccompProgram.Read(new byte[4097 * 8]));
        Assert.NotNull(SeccompProgram.Read(new byte[4096 * 8]));
    }

    [Fact]
    public void Compile_TheSameTwice_IsTheSameProgram() =>
        Assert.Equal(Profiles.Program(Profiles.Text("podman-default")).Bytes.ToArray(), Profiles.Program(Profiles.Text("podman-default")).Bytes.ToArray());

    [Fact]
    public void Lines_OfASmallProgram_NameWhatTheyLoadCompareAndReturn()
    {
        var program = Profiles.Program(Profiles.With(Profiles.Rule("mmap", "ERRNO", """, "args": [{"index": 2, "op": "SCMP_CMP_MASKED_EQ", "value": 6, "valueTwo": 6}]""")), Profiles.OnlyAmd64);

        Assert.Equal(
            [
                " 0  ld arch",
                " 1  jeq 0xc000003e (amd64) → 2, else 11",
                " 2  ld nr",
                " 3  jge 0x40000000 (x32 read) → 4, else 5",
                " 4  jge 0xffffffff → 10, else 11",
                " 5  jeq 9 (mmap) → 6, else 10",
                " 6  ld args[2].low",
                " 7  and 0x6",
                " 8  jeq 6 → 9, else 10",
                " 9  ret ERRNO EPERM",
                "10  ret ALLOW",
                "11  ret KILL_PROCESS",
            ],
            Disassembler.Lines(program).ToArray());
    }

    // Two architectures with many comparisons each: jumps beyond 255 instructions.
    [Fact]
    public void Program_LongerThanAJumpReaches_StillIsTheModelOfItsRules()
    {
        var rules = string.Join(",\n", ((string[])["mmap", "mremap", "munmap", "brk", "mprotect", "madvise"]).SelectMany((call, i) => Enumerable.Range(0, 60).Select(n =>
            Profiles.Rule(call, n % 2 == 0 ? "ERRNO" : "LOG", $$""", "args": [{"index": 1, "op": "SCMP_CMP_MASKED_EQ", "value": {{255 + (i << 10)}}, "valueTwo": {{n}}}]"""))));
        var profile = Profiles.With(rules, more: Profiles.EveryX86);

        var program = Profiles.Program(profile);

        Assert.InRange(program.Instructions.Length, 600, SockFilter.Most);
        Assert.Empty(Proof.Disagreements(profile, Profiles.Amd64, [0, 9, 10, 11, 12, 25, 28, 0x40000009, 0x4000001c, 45, 90, 91, 125, 163, 219, 600, uint.MaxValue]));
    }

    [Fact]
    public void Program_OfManyValues_SearchesThem()
    {
        var rules = string.Join(", ", Enumerable.Range(0, 200).Select(static n => Profiles.Rule("ioctl", "ERRNO", $$""", "args": [{"index": 2, "op": "SCMP_CMP_EQ", "value": {{(ulong)n << 30}}}]""")));
        var profile = Profiles.With(rules);

        var program = Profiles.Program(profile, Profiles.OnlyAmd64);

        Assert.InRange(program.WorstExecuted, 1, 30);
        Assert.Empty(Proof.Disagreements(profile, Profiles.OnlyAmd64, [16, 17]));
    }

    [Theory]
    [InlineData("0006 7", 7u)]                                                              // ret
    [InlineData("0020 16, 0016 0", 1u)]                                                     // ld args[0].low; ret A
    [InlineData("0000 5, 0007 0, 0000 9, 001c 0, 0016 0", 4u)]                              // 9 - X
    [InlineData("0000 5, 0002 3, 0000 0, 0061 3, 0087 0, 0016 0", 5u)]                      // through memory and X
    [InlineData("0080 0, 0016 0", 64u)]                                                     // length
    [InlineData("0000 5, 003c 0, 0006 1", 0u)]                                              // division by X = 0
    [InlineData("0000 6, 0064 3, 0044 1, 00a4 255, 0074 1, 0084 0, 0016 0", 0xffffff99u)]   // shifts, or, xor, neg
    [InlineData("0000 8, 0001 8, 001d 0:1:0, 0006 1, 0006 2", 2u)]                          // jeq X
    public void Interpreter_OfEveryKindOfInstruction_DoesWhatTheKernelDoes(string program, uint result) =>
        Assert.Equal(result, Interpreter.Run(Parse(program), Read).Action.Value);

    [Theory]
    [InlineData("0000 1")]              // no return
    [InlineData("0005 7, 0006 0")]      // jumps out
    [InlineData("0028 0, 0006 0")]      // ld halfword: not in seccomp
    [InlineData("0020 2, 0006 0")]      // not aligned
    [InlineData("0020 64, 0006 0")]     // outside
    public void Interpreter_OfAProgramThatTheKernelRefuses_Throws(string program) =>
        Assert.Throws<InvalidProgramException>(() => Interpreter.Run(Parse(program), Read));

    private static SockFilter[] Parse(string text) =>
        [.. text.Split(", ").Select(static s => s.Split(' ')).Select(static s => (Code: Convert.ToUInt16(s[0], 16), Numbers: s[1].Split(':')))
            .Select(static s => new SockFilter(s.Code, s.Numbers.Length > 1 ? byte.Parse(s.Numbers[1]) : (byte)0, s.Numbers.Length > 2 ? byte.Parse(s.Numbers[2]) : (byte)0, uint.Parse(s.Numbers[0])))];
}
