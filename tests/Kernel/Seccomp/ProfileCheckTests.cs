using Provision.Kernel.Sandbox;
using Provision.Kernel.Seccomp;
using Provision.Spec;

namespace Provision.Kernel.Tests.Seccomp;

/// <summary>Every trap of a profile is told, on its line, and profiles without it are not bothered.</summary>
public sealed class ProfileCheckTests
{
    private const string Seven = """, "args": [{"index": 0, "op": "SCMP_CMP_EQ", "value": 7}]""";
    private const string Both = """, "args": [{"index": 1, "op": "SCMP_CMP_GE", "value": 7}, {"index": 1, "op": "SCMP_CMP_LE", "value": 9}]""";

    public static TheoryData<string, string, string, Severity, string> Traps => new()
    {
        { SeccompCodes.UnknownCall, "ALLOW", Profiles.Rule("sokcet", "LOG"), Severity.Error, "did you mean socket?" },
        { SeccompCodes.UnknownCall, "ALLOW", Profiles.Rule("qqqqqqqq", "LOG"), Severity.Error, "" },
        { SeccompCodes.CallElsewhere, "ALLOW", Profiles.Rule("riscv_flush_icache", "LOG"), Severity.Warning, "riscv_flush_icache" },
        { SeccompCodes.CallElsewhere, "ALLOW", Profiles.Rule("chown32 chown", "LOG"), Severity.Warning, "chown32" },
        { SeccompCodes.ShadowedDeny, "ERRNO", Profiles.Rule("execve mmap", "ALLOW") + ",\n" + Profiles.Rule("mmap", "KILL", Seven), Severity.Error, "line 2" },
        { SeccompCodes.ShadowedDeny, "ERRNO", Profiles.Rule("execve mmap", "ALLOW") + ",\n" + Profiles.Rule("mmap", "ERRNO", Seven), Severity.Error, "line 2" },
        { SeccompCodes.ShadowedDeny, "ERRNO", Profiles.Rule("execve", "ALLOW") + ",\n" + Profiles.Rule("mmap", "ALLOW", Seven.Replace("EQ", "LE")) + ",\n" + Profiles.Rule("mmap", "ERRNO", Seven), Severity.Error, "default" },
        { SeccompCodes.Contradiction, "ERRNO", Profiles.Rule("execve mount", "ALLOW") + ",\n" + Profiles.Rule("mount", "ERRNO"), Severity.Warning, "line 2" },
        { SeccompCodes.RepeatedIndex, "ALLOW", Profiles.Rule("mmap", "ERRNO", Both), Severity.Warning, "any one" },
        { SeccompCodes.NarrowArgument, "ALLOW", Profiles.Rule("socket", "ERRNO", Seven), Severity.Warning, "32 bits of argument 0" },
        { SeccompCodes.NarrowArgument, "ERRNO", Profiles.Rule("execve", "ALLOW") + "," + Profiles.Rule("socket", "ALLOW", Seven.Replace("EQ", "GT")), Severity.Warning, "32 bits of argument 0" },
        { SeccompCodes.NarrowArgument, "ALLOW", Profiles.Rule("creat", "ERRNO", Seven.Replace("\"index\": 0", "\"index\": 1")), Severity.Warning, "16 bits of argument 1" },
        { SeccompCodes.NeverHolds, "ALLOW", Profiles.Rule("mmap", "ERRNO", """, "args": [{"index": 0, "op": "SCMP_CMP_LT", "value": 0}]"""), Severity.Error, "no argument" },
        { SeccompCodes.NeverHolds, "ALLOW", Profiles.Rule("close", "ERRNO", """, "args": [{"index": 0, "op": "SCMP_CMP_EQ", "value": 18446744073709551615}]"""), Severity.Error, "4294967295" },
        { SeccompCodes.NeverHolds, "ALLOW", Profiles.Rule("mmap", "ERRNO", """, "args": [{"index": 2, "op": "SCMP_CMP_MASKED_EQ", "value": 4, "valueTwo": 6}]"""), Severity.Error, "no argument" },
        { SeccompCodes.Clone3, "ALLOW", Profiles.Rule("clone", "ERRNO", """, "args": [{"index": 0, "op": "SCMP_CMP_MASKED_EQ", "value": 268435456, "valueTwo": 268435456}]"""), Severity.Error, "ENOSYS" },
        { SeccompCodes.Clone3, "ALLOW", Profiles.Rule("clone", "KILL_PROCESS"), Severity.Error, "clone3" },
        { SeccompCodes.Clone3, "ERRNO", Profiles.Rule("execve", "ALLOW") + ",\n" + Profiles.Rule("clone3", "ALLOW", """, "args": [{"index": 1, "op": "SCMP_CMP_GE", "value": 64}]"""), Severity.Error, "clone3 is allowed" },
        { SeccompCodes.Clone3Errno, "ERRNO", Profiles.Rule("execve clone seccomp pidfd_open open_tree_attr", "ALLOW"), Severity.Warning, "EPERM" },
        { SeccompCodes.NoExecve, "ERRNO", Profiles.Rule("read execveat", "ALLOW"), Severity.Error, "amd64" },
        { SeccompCodes.NoExecve, "ERRNO", Profiles.Rule("execve", "ALLOW", Seven), Severity.Error, "amd64" },
        { SeccompCodes.NoExecve, "ALLOW", Profiles.Rule("execve", "ERRNO"), Severity.Error, "amd64" },
    };

    [Theory]
    [MemberData(nameof(Traps))]
    public void Check_OfAProfileWithATrap_TellsItOnItsLine(string code, string defaultAction, string rules, Severity severity, string says)
    {
        var (program, bag) = Profiles.Compile(Profiles.With("\n" + rules, $"SCMP_ACT_{defaultAction}"), Profiles.OnlyAmd64);

        var diagnostic = Assert.Single(bag.Items);
        Assert.Equal((code, severity), (diagnostic.Code, diagnostic.Severity));
        Assert.Contains(says, diagnostic.Message + diagnostic.Hint, StringComparison.Ordinal);
        Assert.Equal(severity == Severity.Error, program is null);
        Assert.True(diagnostic.Span.Line >= 1 && diagnostic.Span.Column >= 1);
    }

    [Theory]
    [InlineData("ALLOW", "mmap", "ERRNO", "EQ", 1)]
    [InlineData("ALLOW", "socket", "ERRNO", "GT", 0)]
    [InlineData("ALLOW", "socket", "ERRNO", "NE", 0)]
    public void Check_OfAComparisonThatNothingDefeats_IsSilent(string defaultAction, string call, string action, string op, int index) =>
        Assert.Empty(Profiles.Compile(Profiles.With(Profiles.Rule(call, action, $$""", "args": [{"index": {{index}}, "op": "SCMP_CMP_{{op}}", "value": 7}]"""), $"SCMP_ACT_{defaultAction}")).Bag.Items);

    [Fact]
    public void Check_OfRulesThatDoNotMeet_IsSilent()
    {
        var rules = Profiles.Rule("mmap", "ALLOW", Seven) + "," + Profiles.Rule("mmap", "ERRNO", Seven.Replace("7", "8")) + "," + Profiles.Rule("execve", "ALLOW");

        Assert.Empty(Profiles.Compile(Profiles.With(rules, "SCMP_ACT_ERRNO")).Bag.Items);
    }

    [Fact]
    public void Check_OfSocketcallBesideARestrictedSocket_WarnsOnI386Alone()
    {
        var rules = Profiles.Rule("socket", "ERRNO", Seven.Replace("\"index\": 0", "\"index\": 5"));

        Assert.Empty(Profiles.Compile(Profiles.With(rules)).Bag.Items);
        var bag = Profiles.Compile(Profiles.With(rules + "," + Profiles.Rule("socketcall", "LOG"), more: """ "architectures": ["SCMP_ARCH_X86"],""")).Bag;
        var warning = Assert.Single(bag.Items);
        Assert.Equal((SeccompCodes.Socketcall, Severity.Warning), (warning.Code, warning.Severity));
    }

    // By number in linux/net.h: 1 is socket, 3 connect.
    [Theory]
    [InlineData("ALLOW", "socket", "", "socket")]
    [InlineData("ALLOW", "socket", "socketcall ERRNO EQ 1", null)]
    [InlineData("ALLOW", "socket connect", "socketcall ERRNO EQ 1", "connect")]
    [InlineData("ALLOW", "socket", "socketcall ERRNO", null)]
    [InlineData("ERRNO", "", "socketcall ALLOW EQ 3", "connect")]
    [InlineData("ERRNO", "", "socketcall ALLOW GT 19", "sendmmsg")]
    [InlineData("ERRNO", "", "socketcall ALLOW EQ 99", null)]
    public void Check_OfSocketcall_TellsTheCallsThatItReachesAndNoOthers(string defaultAction, string denied, string socketcall, string? reached)
    {
        var words = socketcall.Split(' ');
        List<string> rules = [Profiles.Rule("execve clone", "ALLOW")];
        if (denied.Length > 0)
            rules.Add(Profiles.Rule(denied, "ERRNO"));
        if (words.Length > 1)
            rules.Add(Profiles.Rule(words[0], words[1], words.Length > 2 ? $$""", "args": [{"index": 0, "op": "SCMP_CMP_{{words[2]}}", "value": {{words[3]}}}]""" : ""));

        var bag = Profiles.Compile(Profiles.With(string.Join(",\n", rules), $"SCMP_ACT_{defaultAction}"), Profiles.Amd64 with { Only = [SeccompArch.X86_64, SeccompArch.X86] }).Bag;

        var told = bag.Items.Where(static d => d.Code == SeccompCodes.Socketcall).ToList();
        Assert.Equal(reached is null ? [] : [$"on x86 socketcall reaches {reached} whatever their own rules say"], told.Select(static d => d.Message));
        Assert.All(told, static d => Assert.True(d.Span.Line >= 1));
    }

    [Theory]
    [InlineData("setgroups", "ERRNO")]
    [InlineData("capset close_range", "KILL")]
    public void Check_OfACallThatTheLaunchMakesUnderTheFilter_IsAnErrorWhereItIsMade(string denied, string action)
    {
        var text = Profiles.With(Profiles.Rule(denied, action));

        Assert.Empty(Profiles.Compile(text, Profiles.OnlyAmd64).Bag.Items);
        var (program, bag) = Profiles.Compile(text, Profiles.OnlyAmd64 with { Needed = [.. SecuritySpec.CallsUnderFilter(noNewPrivileges: false)] });
        Assert.Null(program);
        var error = Assert.Single(bag.Items);
        Assert.Equal(SeccompCodes.NoExecve, error.Code);
        Assert.Contains(denied.Replace(" ", ", "), error.Message, StringComparison.Ordinal);
        Assert.Contains("noNewPrivileges", error.Hint, StringComparison.Ordinal);
    }

    // Rules of one call and one argument grow the program by a few instructions each, so that some number of them
    // reaches each size; what is one longer is refused.
    [Fact]
    public void Compile_AtTheKernelsLimit_IsTakenAndOneMoreIsNot()
    {
        SeccompDiagnostics At(int rules, string more)
        {
            var all = Enumerable.Range(0, rules).Select(static i => Profiles.Rule("mmap", "ERRNO", $$""", "errnoRet": {{1 + (i % 2)}}, "args": [{"index": 0, "op": "SCMP_CMP_EQ", "value": {{i * 2}}}]"""));
            var (program, bag) = Profiles.Compile(Profiles.With(string.Join(",", more.Length > 0 ? all.Append(more) : all)), Profiles.OnlyAmd64);
            return new(program?.Instructions.Length, bag.Items.FirstOrDefault(static d => d.Code == SeccompCodes.TooLong)?.Message);
        }

        int low = 1, high = 8000;
        while (high - low > 1)
            if (At((low + high) / 2, "").Length is not null)
                low = (low + high) / 2;
            else
                high = (low + high) / 2;
        var sizes = new Dictionary<int, bool>();
        string[] fillers = ["", .. new[] { "read", "socket", "mremap" }.SelectMany(static n => new[] { "ERRNO", "KILL", "TRAP" }.Select(a => Profiles.Rule(n, a)))];
        for (var rules = low - 3; rules <= low + 1; rules++)
            foreach (var filler in fillers)
            {
                var (length, message) = At(rules, filler);
                var size = length ?? int.Parse(System.Text.RegularExpressions.Regex.Match(message!, @"\d+").Value, System.Globalization.CultureInfo.InvariantCulture);
                sizes[size] = length is not null;
            }

        Assert.True(sizes.GetValueOrDefault(4096), string.Join(' ', sizes));
        Assert.True(sizes.TryGetValue(4097, out var taken), string.Join(' ', sizes));
        Assert.False(taken);
    }

    private sealed record SeccompDiagnostics(int? Length, string? Message);

    [Fact]
    public void Check_OfAnArchitectureWithoutATable_Warns()
    {
        var (program, bag) = Profiles.Compile(Profiles.With("", more: """ "architectures": ["SCMP_ARCH_S390X"],"""));

        Assert.NotNull(program);
        Assert.Equal(SeccompCodes.NoTable, Assert.Single(bag.Items).Code);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(10_000)]
    public void Compile_Beyond4096Instructions_IsAnErrorThatTellsTheNumber(int rules)
    {
        var args = string.Join(", ", Enumerable.Range(0, rules).Select(static i => $$"""{"names": ["mmap"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "op": "SCMP_CMP_MASKED_EQ", "value": {{(i + 1L) << 31}}, "valueTwo": {{(i + 1L) << 31}}}]}"""));

        var (program, bag) = Profiles.Compile(Profiles.With(args));

        Assert.Null(program);
        Assert.Matches(@"has \d{4,6} instructions", Assert.Single(bag.Items, static d => d.Code == SeccompCodes.TooLong).Message);
    }
}
