using Provision.Kernel.Seccomp;
using Provision.Spec;

namespace Provision.Kernel.Tests.Seccomp;

/// <summary>
/// A second opinion: libseccomp's program for the same rules, compared way by way. Where it differs for a known reason
/// the model decides (ProofTests); any other difference fails.
/// </summary>
public sealed class LibseccompTests
{
    /// <summary>Differences that are meant, with their reasons.</summary>
    private static readonly (string Reason, Func<VerdictChange, bool> Is)[] Known =
    [
        ("newer calls return ENOSYS: runc adds that to libseccomp's program, libseccomp knows nothing of it",
            static c => c.Before.IsErrno && c.After == SeccompAction.Errno(38) && !c.Arguments),
        ("libseccomp looks at the low half of x32's arguments alone, the kernel passes 64 bits",
            static c => c.Arch == SeccompArch.X32 && c.Witness.Arguments.Any(static a => a >> 32 != 0)),
        ("libseccomp knows no private calls of arm by number",
            static c => c.Arch == SeccompArch.Arm && c.Witness.Number >= 0x0f0000),
    ];

    [Theory]
    [InlineData("docker-default", 0)]
    [InlineData("docker-default", 1)]
    [InlineData("docker-default", 2)]
    [InlineData("docker-default", 4)]
    [InlineData("podman-default", 0)]
    [InlineData("podman-default", 1)]
    [InlineData("podman-default", 3)]
    [InlineData("podman-default", 6)]
    public void Program_OfAShippedProfile_IsLibseccompsButForKnownDifferences(string name, int target) =>
        Assert.Empty(Differences(Profiles.Text(name), Profiles.Targets[target] with { Literal = true }));

    [Theory]
    [InlineData("EQ", 4294967296UL, 0UL)]
    [InlineData("NE", 4294967295UL, 0UL)]
    [InlineData("GT", 12884901888UL, 0UL)]
    [InlineData("GE", 12884901887UL, 0UL)]
    [InlineData("LT", 12884901888UL, 0UL)]
    [InlineData("LE", 4294967295UL, 0UL)]
    [InlineData("MASKED_EQ", 18446744069414584321UL, 8589934593UL)]
    [InlineData("MASKED_EQ", 65280UL, 256UL)]
    public void Program_OfOneComparison_IsLibseccomps(string op, ulong value, ulong two) =>
        Assert.Empty(Differences(
            Profiles.With(Profiles.Rule("mmap", "ERRNO", $$""", "args": [{"index": 3, "op": "SCMP_CMP_{{op}}", "value": {{value}}, "valueTwo": {{two}}}]""")),
            Profiles.OnlyAmd64 with { Literal = true }));

    // Two ranges of one argument whose ends have different high words: libseccomp 2.5 and 2.6 look at the wrong low word
    // in some of them. The model says who is right.
    [Theory]
    [InlineData("GE", 0x1_00000005UL, "GE", 0x2_00000003UL, false)]
    [InlineData("GT", 0x1_00000005UL, "GE", 0x2_00000003UL, false)]
    [InlineData("GE", 0x1_00000005UL, "LE", 0x2_00000007UL, false)]
    [InlineData("GT", 0x0_00000005UL, "GT", 0x3_00000001UL, false)]
    [InlineData("LE", 0x2_00000005UL, "LE", 0x1_00000007UL, true)]
    [InlineData("LT", 0x2_00000005UL, "LT", 0x1_00000007UL, true)]
    [InlineData("GE", 0x2_00000005UL, "LE", 0x1_00000007UL, true)]
    public void Program_OfTwoRangesWhoseHighWordsDiffer_IsTheModelsWhereLibseccompsIsNot(string one, ulong first, string two, ulong second, bool differs)
    {
        var text = Profiles.With(string.Join(", ", new[] { (Op: one, Value: first), (Op: two, Value: second) }.Select(static r =>
            Profiles.Rule("mmap", "ERRNO", $$""", "errnoRet": 5, "args": [{"index": 0, "op": "SCMP_CMP_{{r.Op}}", "value": {{r.Value}}}]"""))));
        var target = Profiles.OnlyAmd64 with { Literal = true };
        var profile = Profiles.Read(text).Profile!;
        var ours = SeccompCompiler.Compile(profile, target, new DiagnosticBag())!;

        var changes = SeccompDiff.Compare(Compiled(profile, target).Program, ours);

        Assert.Equal(differs, changes.Length > 0);
        Assert.All(changes, c => Assert.Equal(new RuleModel(text, target).Verdict(0xC000003E, c.Witness.Number, [.. c.Witness.Arguments]), c.After.Value));
    }

    private static List<string> Differences(string text, SeccompTarget target)
    {
        var profile = Profiles.Read(text).Profile!;
        var (unknown, lacking, theirs) = Compiled(profile, target);
        var known = profile with { Rules = [.. profile.Rules.Select(r => r with { Names = r.Names.RemoveAll(n => unknown.Contains(n.Name)) })] };
        var ours = SeccompCompiler.Compile(known, target, new DiagnosticBag());
        Assert.NotNull(ours);
        return [.. SeccompDiff.Compare(theirs, ours).Where(c => !Known.Any(k => k.Is(c)) && !IsLacking(c)).Select(static c => $"{c.ArchName} {c.Call}: {c.Before}, ours {c.After}")];

        // Its tables are older than ours, and older on one architecture than on another.
        bool IsLacking(VerdictChange c) => c.Arch is { } arch && c.Name is { } name && lacking.Contains((Token(arch), name));
    }

    private static uint Token(SeccompArch arch) => arch == SeccompArch.X32 ? 0x4000003E : ArchInfo.Of(arch).Audit;

    // Conditions on capabilities and the like are the runtime's business: rules that count are handed over as runc does.
    private static (HashSet<string> Unknown, HashSet<(uint, string)> Lacking, SeccompProgram Program) Compiled(SeccompProfile profile, SeccompTarget target)
    {
        var rules = profile.Rules.Where(r => ArchRules.Counts(r, target) && r.Action != profile.DefaultAction)
            .SelectMany(static r => r.RepeatsAnIndex ? r.Tests.Select(t => r with { Tests = [t] }) : [r]);
        var asked = new Dictionary<string, object>
        {
            ["default"] = profile.DefaultAction.Value,
            ["archs"] = SeccompCompiler.Architectures(profile, target).Select(Token).ToArray(),
            ["rules"] = rules.Select(static r => new Dictionary<string, object>
            {
                ["names"] = r.Names.Select(static n => n.Name).ToArray(),
                ["action"] = r.Action.Value,
                ["args"] = r.Tests.Select(static t => (ulong[])[(ulong)t.Index, (ulong)t.Comparison + 1, t.Value, t.ValueTwo]).ToArray(),
            }).ToArray(),
        };
        var root = Libseccomp.Ask(asked);
        return (
            [.. root.GetProperty("unknown").EnumerateArray().Select(static n => n.GetString()!)],
            [.. root.GetProperty("lacking").EnumerateArray().Select(static l => (l[0].GetUInt32(), l[1].GetString()!))],
            SeccompProgram.Read(Convert.FromHexString(root.GetProperty("program").GetString()!))!);
    }
}
