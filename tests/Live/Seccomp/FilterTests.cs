using System.Diagnostics;
using System.Text.Json;
using Provision.Kernel.Sandbox;
using Provision.Spec;
using Provision.Testing;

namespace Provision.Kernel.Seccomp;

/// <summary>The kernel itself runs our filters: it takes the bytes, and does with calls what the interpreter says.</summary>
public sealed class FilterTests
{
    private const uint MincoreX86 = 27, Audit = 0xC000003E;
    private const int Sigsys = 31;

    private static readonly SeccompTarget Target = new(SeccompArch.X86_64, Capability.Docker, new Version(6, 0)) { Only = [SeccompArch.X86_64] };

    // mincore of pages that are not there fails with ENOMEM or EINVAL and does nothing: never with these numbers.
    [RootTheory]
    [InlineData("EQ", 0x100000000UL, 0UL)]
    [InlineData("NE", 0xffffffff000UL, 0UL)]
    [InlineData("LT", 0x300001000UL, 0UL)]
    [InlineData("LE", 0x2ffffffffUL, 0UL)]
    [InlineData("GE", 0x300001000UL, 0UL)]
    [InlineData("GT", 0x1ffffffffUL, 0UL)]
    [InlineData("MASKED_EQ", 0xffffffff00001000UL, 0x200001000UL)]
    [InlineData("MASKED_EQ", 0x7000UL, 0x1000UL)]
    public void Comparison_InTheKernel_DecidesAsInTheInterpreter(string op, ulong value, ulong two)
    {
        var program = Compile(Comparing(op, value, two));
        const ulong high = 1UL << 32;
        var calls = ((ulong[])[value, two, value ^ two]).SelectMany(static v => (ulong[])[v - 1, v, v + 1, v - high, v + high, (uint)v])
            .Append(0UL).Append(ulong.MaxValue).Distinct().Select(static a => new SeccompData(MincoreX86, Audit, [a, 1, 0, 0, 0, 0])).ToList();

        AssertDecidesAlike(program, calls);
    }

    [RootTheory]
    [InlineData("ERRNO", "errno 1")]
    [InlineData("TRACE", "errno 38")]
    [InlineData("KILL_PROCESS", "signal 31")]
    [InlineData("KILL_THREAD", "signal 31")]
    [InlineData("TRAP", "signal 31")]
    [InlineData("LOG", null)]
    [InlineData("ALLOW", null)]
    public void Action_InTheKernel_DoesWhatItsNameSays(string action, string? expected)
    {
        var other = action == "ALLOW" ? "LOG" : "ALLOW";
        var program = Compile($$"""{"defaultAction": "SCMP_ACT_{{other}}", "syscalls": [{"names": ["mincore"], "action": "SCMP_ACT_{{action}}"}]}""");

        var (bare, with) = Assert.Single(Filtered(program, [new SeccompData(MincoreX86, Audit, [1, 1, 0, 0, 0, 0])]));

        Assert.Equal("errno 22", bare);
        Assert.Equal(expected ?? bare, with);
    }

    [RootFact]
    public void BuiltInProfile_InTheKernel_RefusesWhatContainersMustNotDo()
    {
        var bag = new DiagnosticBag();
        var program = SeccompCompiler.Compile(BuiltInProfile.Profile, Target, bag)!;
        // Family 38 with a higher bit set, as the kernel would open it; unshare of nothing; mount of nothing; a socket
        // that may be; -1, which no filter may kill for; an x32 call.
        SeccompData[] calls =
        [
            Call(41, 0x1_0000_0026, 5, 0), Call(41, 38, 5, 0), Call(41, 1, 1, 0), Call(272, 0), Call(165, 0, 0, 0), Call(435, 0, 0),
            Call(135, uint.MaxValue), Call(135, 0x40000), Call(uint.MaxValue), Call(0x40000000 | 39), Call(39),
        ];

        var results = Filtered(program, calls);

        string[] expected = ["errno 1", "errno 1", results[2].Bare, "errno 1", "errno 1", "errno 38", results[6].Bare, "errno 1", "errno 38", $"signal {Sigsys}", results[10].With];
        Assert.Equal(expected, results.Select(static r => r.With));
        Assert.StartsWith("returned ", results[10].With, StringComparison.Ordinal);
        Assert.StartsWith("returned ", results[2].With, StringComparison.Ordinal);
    }

    // 4096 instructions load, 4097 do not (BPF_MAXINSNS).
    [RootTheory]
    [InlineData(4096, true)]
    [InlineData(4097, false)]
    public void Program_OfTheLargestSize_Loads(int length, bool loads)
    {
        var allow = new SockFilter(SockFilter.Return, 0, 0, SeccompAction.Allow.Value);
        var program = new SeccompProgram([.. Enumerable.Repeat(allow, length)]);

        var with = Assert.Single(Filtered(program, [Call(39)])).With;

        Assert.StartsWith(loads ? "returned " : "not loaded: Invalid argument", with, StringComparison.Ordinal);
    }

    // mincore is 218 there; arguments have 32 bits.
    [RootTheory]
    [InlineData("EQ", 0x80001000UL, 0UL)]
    [InlineData("LT", 0x80001000UL, 0UL)]
    [InlineData("GE", 0xfffff000UL, 0UL)]
    [InlineData("MASKED_EQ", 0x80007000UL, 0x80001000UL)]
    public void ComparisonOfI386_InTheKernel_DecidesAsInTheInterpreter(string op, ulong value, ulong two)
    {
        var program = Compile(Comparing(op, value, two), Target with { Only = [SeccompArch.X86_64, SeccompArch.X86] });
        var calls = ((ulong[])[value, two, value ^ two]).SelectMany(static v => (ulong[])[(uint)(v - 1), v, (uint)(v + 1)])
            .Append(0UL).Append(uint.MaxValue).Distinct().Select(static a => new SeccompData(218, 0x40000003, [a, 1, 0, 0, 0, 0])).ToList();

        AssertDecidesAlike(program, calls);
    }

    [RootFact]
    public void CallOfAnArchitectureThatIsNotFiltered_InTheKernel_EndsTheProcess()
    {
        var program = Compile("""{"defaultAction": "SCMP_ACT_ALLOW"}""");

        Assert.Equal($"signal {Sigsys}", Assert.Single(Filtered(program, [new SeccompData(218, 0x40000003, [1, 1, 0, 0, 0, 0])])).With);
    }

    // A filter that has mincore fail with an errno of its own where its first argument is so.
    private static string Comparing(string op, ulong value, ulong two) =>
        $$"""
        {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mincore"], "action": "SCMP_ACT_ERRNO", "errnoRet": 123,
          "args": [{"index": 0, "op": "SCMP_CMP_{{op}}", "value": {{value}}, "valueTwo": {{two}}}]}]}
        """;

    private static void AssertDecidesAlike(SeccompProgram program, List<SeccompData> calls) =>
        Assert.Equal(calls.Select(c => (c.Arguments[0], program.Run(c).Action.IsErrno)), calls.Zip(Filtered(program, calls), static (c, r) => (c.Arguments[0], r.With == "errno 123")));

    private static SeccompData Call(uint number, params ulong[] arguments) =>
        new(number, Audit, [.. arguments, .. new ulong[6 - arguments.Length]]);

    private static SeccompProgram Compile(string text, SeccompTarget? target = null)
    {
        var bag = new DiagnosticBag();
        var profile = ProfileReader.Read(new SourceText("p.json", text), bag);
        var program = profile is null ? null : SeccompCompiler.Compile(profile, target ?? Target, bag);
        Assert.True(program is not null, string.Join('\n', bag.Items));
        return program;
    }

    private static List<(string Bare, string With)> Filtered(SeccompProgram program, IReadOnlyList<SeccompData> calls)
    {
        var asked = new Dictionary<string, object>
        {
            ["i386"] = calls[0].Arch != Audit,
            ["program"] = Convert.ToHexString(program.Bytes.Span),
            ["calls"] = calls.Select(static c => (ulong[])[(ulong)(long)(int)c.Number, .. c.Arguments]).ToArray(),
        };
        var script = Path.Combine(AppContext.BaseDirectory, "Seccomp", "filtered.py");
        var result = Command.Run(new ProcessStartInfo("/usr/bin/python3", [script]), JsonSerializer.Serialize(asked), TimeSpan.FromMinutes(10)).Succeeded();
        return [.. result.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => l.Split(", ")).Select(static l => (l[0], l[1]))];
    }
}
