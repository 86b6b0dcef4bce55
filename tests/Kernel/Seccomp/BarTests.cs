using Provision.Kernel.Seccomp;
using Provision.Spec;

namespace Provision.Kernel.Tests.Seccomp;

/// <summary>What the design promises of the programs' size and speed, and of which calls the kernel can let through unasked.</summary>
public sealed class BarTests
{
    [Fact]
    public void DockersProfile_ForOneArchitecture_IsShort()
    {
        var program = Profiles.Program(Profiles.Text("docker-default"), Profiles.OnlyAmd64);

        Assert.InRange(program.Instructions.Length, 1, 80);
        Assert.InRange(program.WorstExecuted, 1, 14);
    }

    [Theory]
    [InlineData("docker-default")]
    [InlineData("podman-default")]
    public void ShippedProfile_ForItsArchitectures_HasWarningsAtMostAndStaysShort(string name)
    {
        foreach (var target in Profiles.Targets)
        {
            var (program, bag) = Profiles.Compile(Profiles.Text(name), target);

            Assert.True(program is not null, string.Join('\n', bag.Items));
            Assert.All(bag.Items, static d => Assert.Equal(Severity.Warning, d.Severity));
            Assert.InRange(bag.Items.Count, 0, 8);
            Assert.InRange(program.Instructions.Length, 1, 500);
        }
    }

    [Fact]
    public void Calls_BesideOneWithManyRules_StayShort()
    {
        var many = string.Join(", ", Enumerable.Range(1, 100).Select(static n => Profiles.Rule("mmap", "ERRNO", $$""", "args": [{"index": 0, "op": "SCMP_CMP_MASKED_EQ", "value": {{n}}, "valueTwo": {{n}}}]""")));
        var others = Profiles.Rule("stat mprotect ioctl pipe dup pause sendfile accept bind uname shmdt chdir chmod getuid setsid utime vhangup sync gettid time", "LOG");
        var program = Profiles.Program(Profiles.With($"{many}, {others}"), Profiles.OnlyAmd64);

        var executed = Enumerable.Range(10, 500).Max(n => program.Run(new SeccompData((uint)n, 0xC000003E, [0, 0, 0, 0, 0, 0])).Executed);

        Assert.InRange(program.WorstExecuted, 200, 320);
        Assert.InRange(executed, 1, 14);
    }

    [Fact]
    public void Executed_OnAnyWay_IsAtMostTheWorst()
    {
        var program = Profiles.Program(Profiles.Text("docker-default"), Profiles.OnlyAmd64);
        var model = new RuleModel(Profiles.Text("docker-default"), Profiles.OnlyAmd64);

        var executed = Proof.Numbers.SelectMany(n => model.Arguments(0xC000003E, n).Select(a => program.Run(new SeccompData(n, 0xC000003E, [.. a])).Executed)).Max();

        Assert.InRange(executed, 1, program.WorstExecuted);
        Assert.Equal(program.WorstExecuted, executed);
    }

    // kernel/seccomp.c, seccomp_is_const_allow: what the kernel follows when it fills the bitmap of calls to let through.
    [Fact]
    public void Calls_AllowedWhateverTheirArguments_AreInTheKernelsBitmap()
    {
        var program = Profiles.Program(Profiles.Text("docker-default"));
        var model = new RuleModel(Profiles.Text("docker-default"), Profiles.Amd64);

        foreach (var (audit, bits) in ((uint, uint)[])[(0xC000003E, 0), (0xC000003E, 0x40000000), (0x40000003, 0)])
            for (var number = bits; number < bits + 512; number++)
            {
                var always = model.Arguments(audit, number).All(a => model.Verdict(audit, number, a) == SeccompAction.Allow.Value);
                Assert.True(always == IsConstantAllow(program, audit, number), $"0x{audit:x} {number}");
            }
    }

    private static bool IsConstantAllow(SeccompProgram program, uint audit, uint number)
    {
        uint a = 0;
        for (var at = 0; ; at++)
        {
            var step = program.Instructions[at];
            bool? jumps = step.Code switch
            {
                SockFilter.JumpEqual => a == step.K,
                SockFilter.JumpAtLeast => a >= step.K,
                SockFilter.JumpGreater => a > step.K,
                SockFilter.JumpSet => (a & step.K) != 0,
                _ => null,
            };
            switch (step.Code)
            {
                case SockFilter.Load when step.K is 0 or 4: a = step.K == 0 ? number : audit; break;
                case SockFilter.Return: return step.K == SeccompAction.Allow.Value;
                case SockFilter.Jump: at += (int)step.K; break;
                case SockFilter.And: a &= step.K; break;
                case var _ when jumps is { } yes: at += yes ? step.JumpTrue : step.JumpFalse; break;
                default: return false;
            }
        }
    }
}
