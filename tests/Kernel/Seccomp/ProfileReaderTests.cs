using CsCheck;
using Provision.Kernel.Seccomp;
using Provision.Spec;

namespace Provision.Kernel.Tests.Seccomp;

public sealed class ProfileReaderTests
{
    [Fact]
    public void Read_Docker_HasEveryRuleWithItsLine()
    {
        var (profile, bag) = Profiles.Read(Profiles.Text("docker-default"));

        Assert.Empty(bag.Items);
        Assert.Equal(Profiles.Text("docker-default").Split("\"names\"").Length - 1, profile!.Rules.Length);
        Assert.Equal(SeccompAction.Errno(1), profile.DefaultAction);
        Assert.Equal([SeccompArch.X86, SeccompArch.X32], profile.ArchMap[0].Others.ToArray());
        var clone = profile.Rules.First(static r => r.Names[0].Name == "clone");
        Assert.Equal((Comparison.MaskedEqual, 0x7E020000UL, 0UL), (clone.Tests[0].Comparison, clone.Tests[0].Value, clone.Tests[0].ValueTwo));
        Assert.Equal("clone", Profiles.Text("docker-default").Split('\n')[clone.Names[0].Span.Line - 1].Trim(' ', '\t', '"', ',', '\r'));
        Assert.Equal(new Version(4, 8), profile.Rules.First(static r => r.Names[0].Name == "process_vm_readv").Includes.MinKernel);
    }

    [Theory]
    [InlineData("", SeccompCodes.NotJson, 1, 1)]
    [InlineData("{\n  \"defaultAction\": \"SCMP_ACT_ALLOW\",,\n}", SeccompCodes.NotJson, 2, 37)]
    [InlineData("{\"defaultAction\": \"SCMP_ACT_ALLOW\"} {}", SeccompCodes.NotJson, 1, 37)]
    [InlineData("[]", SeccompCodes.WrongValue, 1, 1)]
    [InlineData("{}", SeccompCodes.MissingKey, 1, 1)]
    [InlineData("{\"é\": 1,\n \"defaultAction\": \"SCMP_ACT_ALOW\"}", SeccompCodes.UnknownKey, 1, 2)]
    [InlineData("{\n \"defaultAction\": \"SCMP_ACT_ALOW\"}", SeccompCodes.WrongValue, 2, 19)]
    [InlineData("{\"defaultAction\": 7}", SeccompCodes.WrongValue, 1, 19)]
    [InlineData("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"defaultAction\": \"SCMP_ACT_LOG\"}", SeccompCodes.DuplicateKey, 1, 37)]
    [InlineData("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 4096}", SeccompCodes.WrongValue, 1, 56)]
    [InlineData("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"defaultErrnoRet\": 1}", SeccompCodes.WrongValue, 1, 56)]
    [InlineData("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrno\": \"EPERM\"}", SeccompCodes.WrongValue, 1, 53)]
    [InlineData("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 38, \"defaultErrno\": \"EPERM\"}", SeccompCodes.WrongValue, 1, 76)]
    [InlineData("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"flags\": [\"SECCOMP_FILTER_FLAG_TSNC\"]}", SeccompCodes.WrongValue, 1, 47)]
    [InlineData("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"SCMP_ARCH_X86_65\"]}", SeccompCodes.WrongValue, 1, 55)]
    [InlineData("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [], \"archMap\": []}", SeccompCodes.WrongValue, 1, 54)]
    [InlineData("{\"defaultAction\": \"SCMP_ACT_NOTIFY\", \"listenerPath\": \"/run/l\"}", SeccompCodes.Notify, 1, 19)]
    [InlineData("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": {}}", SeccompCodes.WrongValue, 1, 49)]
    public void Read_Broken_TellsWhere(string text, string code, int line, int column)
    {
        var (profile, bag) = Profiles.Read(text);

        Assert.Null(profile);
        var diagnostic = bag.Items[0];
        Assert.Equal((code, Severity.Error, line, column), (diagnostic.Code, diagnostic.Severity, diagnostic.Span.Line, diagnostic.Span.Column));
    }

    [Theory]
    [InlineData("""{"names": ["read"]}""", SeccompCodes.MissingKey, 1)]
    [InlineData("""{"action": "SCMP_ACT_ALLOW"}""", SeccompCodes.MissingKey, 1)]
    [InlineData("""{"names": [7], "action": "SCMP_ACT_ALLOW"}""", SeccompCodes.WrongValue, 12)]
    [InlineData("""{"names": [], "action": "SCMP_ACT_NOTIFY"}""", SeccompCodes.Notify, 25)]
    [InlineData("""{"names": [], "action": "SCMP_ACT_LOG", "args": [{"index": 6, "op": "SCMP_CMP_EQ"}]}""", SeccompCodes.WrongValue, 60)]
    [InlineData("""{"names": [], "action": "SCMP_ACT_LOG", "args": [{"index": 0, "op": "SCMP_CMP_EQ", "value": -1}]}""", SeccompCodes.WrongValue, 93)]
    [InlineData("""{"names": [], "action": "SCMP_ACT_LOG", "args": [{"index": 0, "op": "SCMP_CMP_EQ", "value": "1"}]}""", SeccompCodes.WrongValue, 93)]
    [InlineData("""{"names": [], "action": "SCMP_ACT_LOG", "args": [{"index": 0}]}""", SeccompCodes.MissingKey, 50)]
    [InlineData("""{"names": [], "action": "SCMP_ACT_LOG", "includes": {"caps": ["CAP_SYS_ADMN"]}}""", SeccompCodes.WrongValue, 63)]
    [InlineData("""{"names": [], "action": "SCMP_ACT_LOG", "excludes": {"minKernel": "5.10.1"}}""", SeccompCodes.WrongValue, 67)]
    public void Read_BrokenRule_TellsWhere(string rule, string code, int column)
    {
        var (profile, bag) = Profiles.Read($"{{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [\n{rule}]}}");

        Assert.Null(profile);
        Assert.Equal((code, 2, column), (bag.Items[0].Code, bag.Items[0].Span.Line, bag.Items[0].Span.Column));
    }

    [Theory]
    [InlineData("SCMP_ACT_ALOW", "SCMP_ACT_ALLOW")]
    [InlineData("SCMP_ACT_ERNO", "SCMP_ACT_ERRNO")]
    public void Read_WordNearAnother_AsksWhetherThatWasMeant(string written, string meant) =>
        Assert.Equal($"did you mean {meant}?", Profiles.Read($$"""{"defaultAction": "{{written}}"}""").Bag.Items[0].Hint);

    // Profiles come from strangers: whatever they hold, the answer is a profile or errors.
    [Fact]
    public void Read_AnyDamagedProfile_IsAProfileOrErrors()
    {
        var text = Profiles.Text("docker-default")[..6000];
        Gen.Select(Gen.Int[0, text.Length - 1], Gen.Int[0, 40], Gen.OneOf(Gen.String, Gen.Char["{}[]\",:0-e.\\\n\0é\ud800"].Array[0, 5].Select(static c => new string(c)))).Array[1, 4].Sample(
            damages =>
            {
                var damaged = text + "\"]}]}";
                foreach (var (at, length, with) in damages)
                    damaged = damaged[..Math.Min(at, damaged.Length)] + with + damaged[Math.Min(at + length, damaged.Length)..];
                var (profile, bag) = Profiles.Read(damaged);
                Assert.Equal(profile is null, bag.HasErrors);
                if (profile is not null)
                    SeccompCompiler.Compile(profile, Profiles.Amd64, bag);
                Assert.All(bag.Items, static d => Assert.True(d.Span.Line >= 1 && d.Span.Column >= 1));
            },
            iter: 500);
    }

    [Fact]
    public void Read_NestedTooDeep_IsAnError() =>
        Assert.Equal(SeccompCodes.NotJson, Profiles.Read(new string('[', 100_000)).Bag.Items[0].Code);

    [Theory]
    [InlineData("ALLOW", "", 0x7fff0000u)]
    [InlineData("LOG", "", 0x7ffc0000u)]
    [InlineData("TRACE", """, "errnoRet": 9""", 0x7ff00009u)]
    [InlineData("ERRNO", "", 0x00050001u)]
    [InlineData("ERRNO", """, "errnoRet": 4095""", 0x00050fffu)]
    [InlineData("ERRNO", """, "errnoRet": 22, "errno": "EINVAL" """, 0x00050016u)]
    [InlineData("TRAP", "", 0x00030000u)]
    [InlineData("KILL", "", 0u)]
    [InlineData("KILL_THREAD", "", 0u)]
    [InlineData("KILL_PROCESS", "", 0x80000000u)]
    [InlineData("NOTIFY", "", 0x7fc00000u)]
    public void Actions_Each_BecomeWhatTheKernelCallsThem(string action, string more, uint value)
    {
        var text = Profiles.With(Profiles.Rule("mount", action, more), more: "\"listenerPath\": \"/run/l\",");

        var program = Profiles.Program(text);

        Assert.Equal(value, program.Run(new SeccompData(165, 0xC000003E, [0, 0, 0, 0, 0, 0])).Action.Value);
        Assert.Equal(SeccompProgram.FlagNewListener, program.Flags);
    }

    [Fact]
    public void Flags_Each_AreTheKernels() =>
        Assert.Equal(
            1u | 2 | 4 | 32,
            Profiles.Program(Profiles.With("", more: """
                "flags": ["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"],
                """)).Flags);

    [Theory]
    [InlineData("6.1.0-44-amd64", 6, 1)]
    [InlineData("5.15-rc3", 5, 15)]
    [InlineData("6.18", 6, 18)]
    [InlineData("next", 0, 0)]
    public void KernelVersion_OfARelease_IsMajorAndMinor(string release, int major, int minor) =>
        Assert.Equal(new Version(major, minor), SeccompTarget.KernelVersion(release));
}
