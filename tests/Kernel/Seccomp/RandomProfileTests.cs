using CsCheck;
using Provision.Kernel.Seccomp;

namespace Provision.Kernel.Tests.Seccomp;

/// <summary>The same proof for profiles that nobody wrote.</summary>
public sealed class RandomProfileTests
{
    private static readonly string[] Calls = ["read", "mmap", "mremap", "socket", "clone", "fchmod", "ioctl", "personality", "mseal", "ptrace", "open", "add_key", "prctl"];
    private static readonly string[] Actions = ["ALLOW", "ERRNO", "KILL", "KILL_PROCESS", "TRAP", "LOG", "TRACE"];

    // Near each other, at the ends of words, and with high words that differ.
    private static readonly Gen<ulong> Values = Gen.OneOf(
        Gen.ULong[0, 20], Gen.ULong[0xffff_fff0, 0x1_0000_0010], Gen.ULong[0xffff_ffff_ffff_fff0, ulong.MaxValue], Gen.ULong,
        Gen.Select(Gen.ULong[0, 3], Gen.ULong[0, 3]).Select(static (high, low) => (high << 32) | low));

    private static readonly Gen<string> Tests =
        Gen.Select(Gen.Int[0, 2], Word("NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"), Values, Values)
            .Select(static (index, op, value, two) =>
                $$"""{"index": {{index}}, "op": "SCMP_CMP_{{op}}", "value": {{value}}, "valueTwo": {{(op == "MASKED_EQ" ? value & two : 0)}}}""");

    private static Gen<string> Rules(int tests) =>
        Gen.Select(Word(Calls).Array[1, 3], Word(Actions), Gen.Int[0, 40], Tests.Array[0, tests])
            .Select(static (names, action, errno, tests) => Profiles.Rule(
                string.Join(' ', names.Distinct()), action,
                (action is "ERRNO" or "TRACE" ? $", \"errnoRet\": {errno}" : "") + (tests.Length > 0 ? $", \"args\": [{string.Join(", ", tests)}]" : "")));

    internal static Gen<string> RandomProfiles(int rules, int tests) =>
        Gen.Select(Rules(tests).Array[1, rules], Word(Actions))
            .Select(static (rules, action) => Profiles.With(string.Join(", ", rules), $"SCMP_ACT_{action}", Profiles.EveryX86));

    [Fact]
    public void Program_OfAnyProfile_IsTheModelOfItsRules() =>
        RandomProfiles(8, 3).Sample(
            static text =>
            {
                var model = new RuleModel(text, Profiles.Amd64);
                var program = Unchecked(text);
                foreach (var audit in (uint[])[0xC000003E, 0x40000003])
                    foreach (var number in Numbers(audit))
                        foreach (var arguments in Some(model.Arguments(audit, number)))
                        {
                            var is_ = program.Run(new SeccompData(number, audit, [.. arguments])).Action.Value;
                            var should = model.Verdict(audit, number, arguments);
                            if (is_ != should)
                                throw new InvalidOperationException($"{number} ({string.Join(", ", arguments.Select(static a => $"0x{a:x}"))}): 0x{is_:x}, not 0x{should:x}\n{text}");
                        }
            },
            iter: 100);

    // Few enough rules that the ways through them (six a rule that does not match) are never too many to follow.
    [Fact]
    public void Diff_OfAnyTwoProfiles_ShowsCallsThatDiffer() =>
        Gen.Select(RandomProfiles(4, 2), RandomProfiles(4, 2)).Sample(
            static (one, other) =>
            {
                var (before, after) = (Unchecked(one), Unchecked(other));
                var changes = SeccompDiff.Compare(before, after);
                foreach (var change in changes)
                {
                    Assert.Equal(change.Before, before.Run(change.Witness).Action);
                    Assert.Equal(change.After, after.Run(change.Witness).Action);
                    Assert.NotEqual(change.Before, change.After);
                }

                // What boundary values show, the comparison shows too.
                var told = changes.Select(static c => (c.Witness.Arch, c.Witness.Number, c.Before, c.After)).ToHashSet();
                var model = new RuleModel(one, Profiles.Amd64);
                foreach (var number in Numbers(0xC000003E).Where(static n => ArchInfo.Of(SeccompArch.X86_64).Table.Name(n) is not null))
                    foreach (var arguments in Some(model.Arguments(0xC000003E, number)))
                    {
                        var call = new SeccompData(number, 0xC000003E, [.. arguments]);
                        var (was, is_) = (before.Run(call).Action, after.Run(call).Action);
                        Assert.True(was == is_ || told.Contains((call.Arch, number, was, is_)), $"{call}: {was} → {is_}");
                    }
            },
            iter: 40);

    private static Gen<string> Word(params string[] words) => Gen.Int[0, words.Length - 1].Select(i => words[i]);

    private static IEnumerable<uint> Numbers(uint audit)
    {
        foreach (var arch in ArchInfo.All.Where(a => a.Audit == audit))
            foreach (var name in Calls)
                if (arch.Table.Number(name) is { } number)
                    yield return number + arch.Bit;
        yield return 1000;
        yield return uint.MaxValue;
    }

    // All combinations of three arguments are too many: an even share of them.
    private static IEnumerable<ulong[]> Some(IEnumerable<ulong[]> arguments)
    {
        var all = arguments.ToList();
        var step = Math.Max(1, all.Count / 300);
        for (var i = 0; i < all.Count; i += step)
            yield return all[i];
    }

    // Random profiles are full of what the checks refuse: here only the program counts.
    internal static SeccompProgram Unchecked(string text)
    {
        var (profile, bag) = Profiles.Read(text);
        Assert.True(profile is not null, string.Join('\n', bag.Items));
        return new SeccompProgram(Assembler.Assemble(SeccompCompiler.Root(SeccompCompiler.Resolve(profile, Profiles.Amd64))));
    }
}
