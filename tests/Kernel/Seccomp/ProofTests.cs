using Provision.Kernel.Seccomp;

namespace Provision.Kernel.Tests.Seccomp;

/// <summary>The program does what the rules say: every number, every architecture, both sides of every comparison.</summary>
public sealed class ProofTests
{
    public static TheoryData<string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (var name in (string[])["docker-default", "podman-default"])
                for (var i = 0; i < Profiles.Targets.Count; i++)
                    cases.Add(name, i);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Program_OfAShippedProfile_IsTheModelOfItsRules(string name, int target) =>
        Assert.Empty(Proof.Disagreements(Profiles.Text(name), Profiles.Targets[target]));

    [Theory]
    [InlineData("[]")]
    [InlineData("""[{"index": 0, "op": "SCMP_CMP_EQ", "value": 4294967296}]""")]
    [InlineData("""[{"index": 1, "op": "SCMP_CMP_NE", "value": 4294967295}]""")]
    [InlineData("""[{"index": 1, "op": "SCMP_CMP_GT", "value": 12884901888}]""")]
    [InlineData("""[{"index": 1, "op": "SCMP_CMP_GE", "value": 12884901887}]""")]
    [InlineData("""[{"index": 5, "op": "SCMP_CMP_LT", "value": 18446744073709551615}]""")]
    [InlineData("""[{"index": 5, "op": "SCMP_CMP_LE", "value": 18446744073709551614}]""")]
    [InlineData("""[{"index": 3, "op": "SCMP_CMP_MASKED_EQ", "value": 18446744069414584321, "valueTwo": 8589934593}]""")]
    [InlineData("""[{"index": 3, "op": "SCMP_CMP_MASKED_EQ", "value": 18446744069414584320, "valueTwo": 0}]""")]
    [InlineData("""[{"index": 3, "op": "SCMP_CMP_MASKED_EQ", "value": 255, "valueTwo": 255}, {"index": 2, "op": "SCMP_CMP_GT", "value": 7}]""")]
    [InlineData("""[{"index": 3, "op": "SCMP_CMP_MASKED_EQ", "value": 0, "valueTwo": 0}]""")]
    [InlineData("""[{"index": 2, "op": "SCMP_CMP_EQ", "value": 3}, {"index": 2, "op": "SCMP_CMP_EQ", "value": 5}, {"index": 1, "op": "SCMP_CMP_EQ", "value": 5}]""")]
    public void Program_OfOneComparison_IsTheModelOfItsRule(string args)
    {
        // Calls whose arguments are whole registers on x86-64, and one with an int and a umode_t.
        var profile = Profiles.With(Profiles.Rule("mmap mremap add_key", "ERRNO", $""", "errnoRet": 7, "args": {args}"""), more: Profiles.EveryX86);
        var table = new SyscallTable(SyscallData.X86_64);
        uint[] numbers = [table.Number("mmap")!.Value, table.Number("mremap")!.Value, 0x40000009, 0x40000019, 90, 163, 1];

        Assert.Empty(Proof.Disagreements(profile, Profiles.Amd64, numbers));
    }

    [Theory]
    [InlineData("socket", 0, 38UL, 0x1_0000_0026UL)]
    [InlineData("fchmod", 1, 511UL, 0xffff_ffff_0001_01ffUL)]
    public void Program_OfANarrowArgument_ComparesWhatTheKernelSees(string call, int index, ulong value, ulong wide)
    {
        var profile = Profiles.With(Profiles.Rule(call, "ERRNO", $$""", "args": [{"index": {{index}}, "op": "SCMP_CMP_EQ", "value": {{value}}}]"""));
        var number = ArchInfo.Of(SeccompArch.X86_64).Table.Number(call)!.Value;
        var arguments = new ulong[6];
        arguments[index] = wide;
        var data = new SeccompData(number, 0xC000003E, [.. arguments]);

        Assert.Equal(SeccompAction.Errno(1), Profiles.Program(profile).Run(data).Action);
        Assert.Equal(SeccompAction.Allow, Profiles.Program(profile, Profiles.Amd64 with { Literal = true }).Run(data).Action);
    }

    [Theory]
    [InlineData("ERRNO", "LOG", "ERRNO EPERM")]
    [InlineData("ALLOW", "KILL_PROCESS", "KILL_PROCESS")]
    [InlineData("TRAP", "TRACE", "TRAP")]
    [InlineData("KILL", "ERRNO", "KILL_THREAD")]
    [InlineData("LOG", "TRACE", "TRACE 1")]
    public void Rules_ThatMatchTogether_TheMostSevereCounts(string one, string other, string expected)
    {
        const string seven = """, "args": [{"index": 1, "op": "SCMP_CMP_EQ", "value": 7}]""";
        const string less = """, "args": [{"index": 1, "op": "SCMP_CMP_LT", "value": 9}]""";
        var call = new SeccompData(9, 0xC000003E, [0, 7, 0, 0, 0, 0]);
        var rules = (string[])[Profiles.Rule("mmap", one, seven), Profiles.Rule("mmap", other, less), Profiles.Rule("execve", "ALLOW")];

        foreach (var order in (string[][])[rules, [.. rules.Reverse()]])
            Assert.Equal(expected, Profiles.Program(Profiles.With(string.Join(", ", order), one == "KILL" ? "SCMP_ACT_ALLOW" : "SCMP_ACT_KILL_THREAD"), Profiles.Amd64).Run(call).Action.ToString());
    }

    [Theory]
    [InlineData("SCMP_ACT_ERRNO", 1023u, "ERRNO ENOSYS")]
    [InlineData("SCMP_ACT_ERRNO", 58u, "ERRNO EPERM")]
    [InlineData("SCMP_ACT_ERRNO", uint.MaxValue, "ERRNO ENOSYS")]
    [InlineData("SCMP_ACT_ERRNO", 0x40000000u, "KILL_PROCESS")]
    [InlineData("SCMP_ACT_KILL_PROCESS", 1023u, "KILL_PROCESS")]
    [InlineData("SCMP_ACT_LOG", 1023u, "LOG")]
    public void Calls_NewerThanTheProfile_ReturnEnosysWhereTheDefaultReturnsAnError(string action, uint number, string expected)
    {
        var program = Profiles.Program(Profiles.With(Profiles.Rule("execve", "ALLOW"), action));

        Assert.Equal(expected, program.Run(new SeccompData(number, 0xC000003E, [0, 0, 0, 0, 0, 0])).Action.ToString());
    }
}
