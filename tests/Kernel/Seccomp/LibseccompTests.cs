using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
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

    private static List<string> Differences(string text, SeccompTarget target)
    {
        var profile = Profiles.Read(text).Profile!;
        var (unknown, lacking, theirs) = Libseccomp(profile, target);
        var known = profile with { Rules = [.. profile.Rules.Select(r => r with { Names = r.Names.RemoveAll(n => unknown.Contains(n.Name)) })] };
        var ours = SeccompCompiler.Compile(known, target, new DiagnosticBag());
        Assert.NotNull(ours);
        return [.. SeccompDiff.Compare(theirs, ours).Where(c => !Known.Any(k => k.Is(c)) && !IsLacking(c)).Select(static c => $"{c.ArchName} {c.Call}: {c.Before}, ours {c.After}")];

        // Its tables are older than ours, and older on one architecture than on another.
        bool IsLacking(VerdictChange c) => c.Arch is { } arch && c.Name is { } name && lacking.Contains((Token(arch), name));
    }

    private static uint Token(SeccompArch arch) => arch == SeccompArch.X32 ? 0x4000003E : ArchInfo.Of(arch).Audit;

    // Conditions on capabilities and the like are the runtime's business: rules that count are handed over as runc does.
    private static (HashSet<string> Unknown, HashSet<(uint, string)> Lacking, SeccompProgram Program) Libseccomp(SeccompProfile profile, SeccompTarget target)
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
        using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", [Path.Combine(Path.GetDirectoryName(Here())!, "libseccomp.py")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        python.StandardInput.Write(JsonSerializer.Serialize(asked));
        python.StandardInput.Close();
        var answer = python.StandardOutput.ReadToEnd();
        python.WaitForExit();
        Assert.Equal(0, python.ExitCode);
        var root = JsonDocument.Parse(answer).RootElement;
        return (
            [.. root.GetProperty("unknown").EnumerateArray().Select(static n => n.GetString()!)],
            [.. root.GetProperty("lacking").EnumerateArray().Select(static l => (l[0].GetUInt32(), l[1].GetString()!))],
            SeccompProgram.Read(Convert.FromHexString(root.GetProperty("program").GetString()!))!);
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
