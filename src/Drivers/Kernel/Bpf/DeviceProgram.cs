using System.Collections.Immutable;
using static Provision.Kernel.BpfInstruction;

namespace Provision.Kernel;

/// <summary>
/// The device rules of a v2 cgroup as a BPF_PROG_TYPE_CGROUP_DEVICE program, and back. The context is struct
/// bpf_cgroup_dev_ctx {u32 access_type (access in the high half, type in the low), u32 major, u32 minor};
/// 1 allows, 0 refuses (Documentation/admin-guide/cgroup-v2.rst, "Device controller").
/// </summary>
internal static class DeviceProgram
{
    // r1 context and then scratch, r2 type, r3 access asked for, r4 major, r5 minor, r0 verdict.
    private const int Scratch = 1, Type = 2, Access = 3, Major = 4, Minor = 5, Verdict = 0;
    private const int TypeBlock = 1, TypeChar = 2;

    private static readonly ImmutableArray<BpfInstruction> Prologue =
    [
        Make(LoadWord, Type, Scratch, 0),
        Make(And, Type, immediate: 0xffff),
        Make(LoadWord, Access, Scratch, 0),
        Make(ShiftRight, Access, immediate: 16),
        Make(LoadWord, Major, Scratch, 4),
        Make(LoadWord, Minor, Scratch, 8),
    ];

    /// <summary>Everything is refused but what a rule allows.</summary>
    public static ImmutableArray<BpfInstruction> Compile(IEnumerable<DeviceRule> allow)
    {
        var program = Prologue.ToBuilder();
        foreach (var rule in DeviceRule.Normal(allow))
            program.AddRange(Compile(rule));
        program.Add(Make(Set, Verdict, immediate: 0));
        program.Add(Make(Exit));
        return program.ToImmutable();
    }

    /// <summary>The rules that compile to exactly this program; null when it is not one of ours.</summary>
    public static ImmutableArray<DeviceRule>? Decompile(ImmutableArray<BpfInstruction> program)
    {
        if (program.Length < Prologue.Length + 2 || !program.AsSpan(0, Prologue.Length).SequenceEqual(Prologue.AsSpan()))
            return null;
        var rules = ImmutableArray.CreateBuilder<DeviceRule>();
        bool? block = null;
        uint? major = null, minor = null;
        var access = DeviceAccess.All;
        foreach (var step in program.AsSpan()[Prologue.Length..])
            switch (step)
            {
                case { Code: JumpIfNot, Destination: Type }: block = step.Immediate == TypeBlock; break;
                case { Code: And, Destination: Scratch }: access = (DeviceAccess)~step.Immediate & DeviceAccess.All; break;
                case { Code: JumpIfNot, Destination: Major }: major = (uint)step.Immediate; break;
                case { Code: JumpIfNot, Destination: Minor }: minor = (uint)step.Immediate; break;
                case { Code: Exit } when block is { } kind:
                    rules.Add(new DeviceRule(kind, major, minor, access));
                    (block, major, minor, access) = (null, null, null, DeviceAccess.All);
                    break;
            }

        // Only a program that compiles back to the same bytes means what it seems to mean.
        return Compile(rules).SequenceEqual(program) ? rules.ToImmutable() : null;
    }

    private static List<BpfInstruction> Compile(DeviceRule rule)
    {
        var tests = new List<Func<int, BpfInstruction>>
        {
            next => Make(JumpIfNot, Type, offset: next, immediate: rule.Block ? TypeBlock : TypeChar),
        };
        if (rule.Access != DeviceAccess.All)
        {
            // Nothing but allowed bits may be asked for.
            tests.Add(_ => Make(Copy, Scratch, Access));
            tests.Add(_ => Make(And, Scratch, immediate: ~(int)rule.Access));
            tests.Add(next => Make(JumpIfNot, Scratch, offset: next, immediate: 0));
        }

        if (rule.Major is { } major)
            tests.Add(next => Make(JumpIfNot, Major, offset: next, immediate: (int)major));
        if (rule.Minor is { } minor)
            tests.Add(next => Make(JumpIfNot, Minor, offset: next, immediate: (int)minor));

        const int tail = 2;
        var code = new List<BpfInstruction>();
        for (var i = 0; i < tests.Count; i++)
            code.Add(tests[i](tests.Count + tail - i - 1));
        code.Add(Make(Set, Verdict, immediate: 1));
        code.Add(Make(Exit));
        return code;
    }
}
