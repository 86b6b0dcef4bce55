using CsCheck;
using Provision.Kernel.Seccomp;

namespace Provision.Kernel.Tests.Seccomp;

public sealed class DiffTests
{
    [Fact]
    public void Compare_OfTheSameProfile_IsEmpty() =>
        Assert.Empty(SeccompDiff.Compare(Profiles.Program(Profiles.Text("docker-default")), Profiles.Program(Profiles.Text("docker-default"))));

    [Fact]
    public void Compare_OfOneCallMore_ShowsItOnEveryArchitecture()
    {
        var (without, with) = (Profiles.Rule("execve", "ALLOW"), Profiles.Rule("execve ptrace", "ALLOW"));
        string Text(string rules) => Profiles.With(rules, "SCMP_ACT_ERRNO", Profiles.EveryX86 + "\"defaultErrnoRet\": 38,");

        var changes = SeccompDiff.Compare(Profiles.Program(Text(without)), Profiles.Program(Text(with)));

        Assert.Equal(
            ["amd64 ptrace ERRNO ENOSYS ALLOW", "x32 ptrace ERRNO ENOSYS ALLOW", "x86 ptrace ERRNO ENOSYS ALLOW"],
            changes.Select(static c => $"{c.ArchName} {c.Call} {c.Before} {c.After}"));
    }

    [Fact]
    public void Compare_OfWholeRegistersAndWhatTheKernelSees_ShowsAWitness()
    {
        var text = Profiles.With(Profiles.Rule("socket", "ERRNO", """, "args": [{"index": 0, "op": "SCMP_CMP_EQ", "value": 38}]"""));

        var change = Assert.Single(SeccompDiff.Compare(Profiles.Program(text, Profiles.OnlyAmd64 with { Literal = true }), Profiles.Program(text, Profiles.OnlyAmd64)));

        Assert.Equal((SeccompAction.Allow, SeccompAction.Errno(1)), (change.Before, change.After));
        Assert.Equal(38u, (uint)change.Witness.Arguments[0]);
        Assert.NotEqual(0u, (uint)(change.Witness.Arguments[0] >> 32));
    }

    [Fact]
    public void Compare_OfAnotherDefault_ShowsRangesWithoutNames()
    {
        var (one, other) = (Profiles.With(Profiles.Rule("execve", "ALLOW"), "SCMP_ACT_KILL_PROCESS"), Profiles.With(Profiles.Rule("execve", "ALLOW"), "SCMP_ACT_TRAP"));

        var changes = SeccompDiff.Compare(Profiles.Program(one, Profiles.OnlyAmd64), Profiles.Program(other, Profiles.OnlyAmd64));

        var range = Assert.Single(changes, static c => c.Last == 0x3fffffff);
        Assert.Null(range.Name);
        Assert.EndsWith("–1073741823", range.Call, StringComparison.Ordinal);
        Assert.Contains(changes, static c => c.Name == "read" && c.Before == SeccompAction.KillProcess && c.After == SeccompAction.Trap);
        Assert.DoesNotContain(changes, static c => c.Name == "execve");
    }

    [Fact]
    public void Compare_OfAProgramThatCannotBeFollowed_SaysSo()
    {
        var odd = new SeccompProgram([new(0x80, 0, 0, 0), new(0x16, 0, 0, 0)]);

        Assert.Throws<InvalidProgramException>(() => SeccompDiff.Compare(odd, odd));
    }

    [Fact]
    public void Solve_OfAnyConditions_FindsAWordWhereThereIsOne() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 15], Gen.Int[0, 15], Gen.Bool).Array[1, 6].Sample(static conditions =>
        {
            // Words of four bits, so that all can be tried.
            var all = conditions.Select(static c => new WordCondition(16, (uint)c.Item2,
                new[] { SockFilter.JumpEqual, SockFilter.JumpGreater, SockFilter.JumpAtLeast, SockFilter.JumpSet }[c.Item1], (uint)c.Item3, c.Item4)).ToList();
            var possible = Enumerable.Range(0, 16).Any(w => all.All(c => c.IsMetBy((uint)w)));

            var found = WordSolver.Solve(all, new Effort(int.MaxValue));

            Assert.Equal(possible, found is not null);
            Assert.True(found is null || all.All(c => c.IsMetBy(found.Value)));
        }, iter: 3000);
}
