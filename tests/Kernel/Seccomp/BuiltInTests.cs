using Provision.Kernel.Seccomp;
using Provision.Spec;

namespace Provision.Kernel.Tests.Seccomp;

/// <summary>The built-in profile is Docker's but for the differences that it lists.</summary>
public sealed class BuiltInTests
{
    public static TheoryData<int> Targets => [.. Enumerable.Range(0, Profiles.Targets.Count)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Verdicts_AgainstDockersAsOtherRuntimesLoadIt_DifferWhereItSaysAndNowhereElse(int target)
    {
        var docker = Profiles.Program(Profiles.Text("docker-default"), Profiles.Targets[target] with { Literal = true });

        var changes = SeccompDiff.Compare(docker, Compile(Profiles.Targets[target] with { Literal = false }));

        Assert.Equal(BuiltInProfile.Differences.Select(static d => d.Call).Order(), changes.Select(static c => c.Name!).Distinct().Order());
        Assert.All(changes, static c => Assert.NotEqual(0u, (uint)(c.Witness.Arguments[0] >> 32)));
        Assert.Contains(changes, static c => c.Name == "socket" && c.Before == SeccompAction.Allow && c.After == SeccompAction.Errno(1));
        Assert.DoesNotContain(changes, static c => c.Name == "socket" && c.After == SeccompAction.Allow && (uint)c.Witness.Arguments[0] is 38 or 40);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Verdicts_AgainstDockersAsWeCompileIt_AreTheSame(int target) =>
        Assert.Empty(SeccompDiff.Compare(Profiles.Program(Profiles.Text("docker-default"), Profiles.Targets[target] with { Literal = false }), Compile(Profiles.Targets[target] with { Literal = false })));

    private static SeccompProgram Compile(SeccompTarget target)
    {
        var bag = new DiagnosticBag();
        var program = SeccompCompiler.Compile(BuiltInProfile.Profile, target, bag);
        Assert.True(program is not null, string.Join('\n', bag.Items));
        return program;
    }
}
