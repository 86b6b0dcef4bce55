using System.Runtime.CompilerServices;
using Provision.Kernel.Launch;
using Provision.Kernel.Terminals;

namespace Provision.Kernel.Sandbox;

/// <summary>Golden/CASE.txt: the listing of a specification's program. UPDATE_GOLDEN=1 rewrites them.</summary>
public sealed class SandboxCompilerTests
{
    private static readonly SandboxHost Hybrid = new("/sys/fs/cgroup/unified");
    private static readonly SandboxHost Unified = new("/sys/fs/cgroup");

    private static readonly Dictionary<string, Func<LaunchProgram>> Cases = new()
    {
        ["minimal"] = static () => SandboxCompiler.Compile(Samples.Minimal, Hybrid),
        ["minimal-on-v2"] = static () => SandboxCompiler.Compile(Samples.Minimal with { CgroupDirectories = ["/sys/fs/cgroup/a.ctr"] }, Unified),
        ["everything"] = static () => SandboxCompiler.Compile(Samples.Everything, Hybrid),
        ["everything-moving"] = static () => SandboxCompiler.Compile(Samples.Everything, Hybrid with { IntoCgroup = false }),
        ["joined"] = static () => SandboxCompiler.Compile(Samples.Joined, Hybrid),
        ["labelled"] = static () => SandboxCompiler.Compile(Samples.Labelled, Hybrid),
        ["terminal"] = static () => SandboxCompiler.Compile(Samples.Minimal, Hybrid, terminal: true),
        ["entry"] = static () => SandboxCompiler.CompileEntry(Samples.Everything, Hybrid, terminal: false),
        ["entry-terminal"] = static () => SandboxCompiler.CompileEntry(Samples.Minimal, Hybrid, terminal: true, new TerminalSize(24, 80)),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Compile_OfTheCase_IsTheExpectedProgram(string name)
    {
        var actual = string.Join('\n', Cases[name]().Listing()) + "\n";
        var file = Path.Combine(Folder(), name + ".txt");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(file, actual);

        Assert.Equal(File.Exists(file) ? File.ReadAllText(file) : "", actual);
    }

    [Fact]
    public void Compile_WithNoNewPrivileges_HasNothingBetweenTheFilterAndExecve()
    {
        var steps = SandboxCompiler.Compile(Samples.Everything, Hybrid).Steps[^1].Child!.Steps;

        Assert.Equal([SystemCall.Seccomp, SystemCall.Execve], steps[^2..].Select(static s => s.Call));
        Assert.Single(steps, static s => s.Call == SystemCall.Seccomp);
    }

    [Fact]
    public void Compile_WithoutNoNewPrivileges_LoadsTheFilterBeforeTheRightIsGone()
    {
        var spec = Samples.Minimal with { Security = SecuritySpec.Default with { NoNewPrivileges = false, SeccompFilter = [6, 0, 0, 0, 0, 0, 255, 127] } };

        var calls = SandboxCompiler.Compile(spec, Hybrid).Steps.Select(static s => s.Call).ToList();

        Assert.InRange(calls.IndexOf(SystemCall.Seccomp), 0, calls.IndexOf(SystemCall.SetGroups));
        Assert.DoesNotContain(SandboxCompiler.Compile(spec, Hybrid).Steps, static s => s.ToString().Contains("NO_NEW_PRIVS"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void CallsUnderFilter_AreThoseThatTheProgramMakesAfterIt(bool noNewPrivileges)
    {
        var spec = Samples.Minimal with { Security = SecuritySpec.Default with { NoNewPrivileges = noNewPrivileges, SeccompFilter = [6, 0, 0, 0, 0, 0, 255, 127] } };

        var after = SandboxCompiler.Compile(spec, Hybrid).Steps.SkipWhile(static s => s.Call != SystemCall.Seccomp).Skip(1).Select(static s => s.Call.Name).Distinct();

        Assert.Equal(SecuritySpec.CallsUnderFilter(noNewPrivileges), after.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("busybox", "PATH=/a:/b/:c:", "/a/busybox /b/busybox")]
    [InlineData("busybox", "HOME=/", "/usr/local/sbin/busybox /usr/local/bin/busybox /usr/sbin/busybox /usr/bin/busybox /sbin/busybox /bin/busybox")]
    [InlineData("a/busybox", "PATH=/a", "a/busybox")]
    public void Places_OfAnExecutable_AreThoseOfThePath(string executable, string variable, string expected) =>
        Assert.Equal(expected, string.Join(' ', ExecSteps.Places(executable, [variable])));

    [Theory]
    [InlineData("net.ipv4.ip_forward", "net/ipv4/ip_forward")]
    [InlineData("net.ipv4.conf.eth0/1.forwarding", "net/ipv4/conf/eth0.1/forwarding")]
    [InlineData("net/ipv4/conf/eth0.1/forwarding", "net/ipv4/conf/eth0.1/forwarding")]
    public void SysctlPath_OfAName_IsThatOfSysctl(string name, string path) => Assert.Equal(path, ProcSteps.SysctlPath(name));

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Golden");
}
