using Provision.Kernel.Launch;
using Provision.Testing;

namespace Provision.Kernel.Sandbox;

/// <summary>The process itself: command, environment, limits, and what is told when it cannot be.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly Box _box = new();

    public void Dispose() => _box.Dispose();

    [RootFact]
    public void Environment_OfAContainer_IsTheSpecificationsAlone() =>
        Assert.Equal("A=1\nPATH=/bin\n", _box.Say(_box.Shell("") with { Command = ["busybox", "env"], Env = ["A=1", "PATH=/bin"] }));

    [RootFact]
    public void Command_WithoutASlash_IsFoundInThePathOfItsEnvironment()
    {
        Directory.CreateDirectory(Path.Combine(_box.Root, "first/busybox"));

        Assert.Equal("hi\n", _box.Say(_box.Shell("") with { Command = ["busybox", "echo", "hi"], Env = ["PATH=/none:/first:relative:/bin"] }));
    }

    [RootTheory]
    [InlineData("/bin/none", Errno.ENOENT)]
    [InlineData("none", Errno.ENOENT)]
    [InlineData("/etc/secret", Errno.EACCES)]
    [InlineData("secret", Errno.EACCES)]
    [InlineData("/etc", Errno.EACCES)]
    [InlineData("/etc/secret/x", Errno.ENOTDIR)]
    public void Command_ThatCannotBeExecuted_NamesItAndErrno(string command, int errno)
    {
        var error = Assert.Throws<LaunchException>(() => _box.Run(_box.Shell("") with { Command = [command], Env = ["PATH=/bin:/etc:/sbin"] }));

        Assert.Equal(errno, error.Errno);
        Assert.Equal(SystemCall.Execve, error.Step!.Call);
        Assert.Contains(command, error.Message);
    }

    [RootFact]
    public void WorkingDirectory_ThatIsMissing_IsTold()
    {
        var error = Assert.Throws<LaunchException>(() => _box.Run(_box.Shell("true") with { WorkingDirectory = "/none" }));

        Assert.Equal(Errno.ENOENT, error.Errno);
        Assert.Contains("\"none\"", error.Message);
    }

    [RootFact]
    public void WorkingDirectory_OfAContainer_IsWhereItStarts() =>
        Assert.Equal("/etc\n", _box.Say(_box.Shell("busybox pwd") with { WorkingDirectory = "/etc" }));

    [RootFact]
    public void Limits_OfAContainer_AreThoseOfTheSpecification()
    {
        var spec = _box.Shell("ulimit -Sn; ulimit -Hn; ulimit -c; busybox cat /proc/self/oom_score_adj") with
        {
            Rlimits = [new(RlimitResource.Nofile, 10, 20), new(RlimitResource.Core, 0, 0)],
            OomScoreAdj = 500,
        };

        Assert.Equal("10\n20\n0\n500\n", _box.Say(spec));
    }

    [RootFact]
    public void Stdio_GivenInAnyOrder_IsPutInItsPlace() => Assert.Equal("out\nerr\n", _box.Say("echo out; echo err >&2"));

    [RootFact]
    public void Hostname_OfAContainer_IsItsOwn()
    {
        Assert.Equal("inside\n", _box.Say(_box.Shell("busybox hostname") with { Hostname = "inside" }));
        Assert.NotEqual("inside", Environment.MachineName);
    }

    [RootFact]
    public void Sysctls_OfItsNamespaces_AreSetAndNotTheHosts()
    {
        const string file = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
        var before = File.ReadAllText(file);

        Assert.Equal("81\n4567\n", _box.Say(_box.Shell($"busybox cat {file} /proc/sys/kernel/msgmax") with
        {
            Sysctls = [new("net.ipv4.ip_unprivileged_port_start", "81"), new("kernel.msgmax", "4567")],
        }));
        Assert.Equal(before, File.ReadAllText(file));
    }

    [RootFact]
    public void Sysctl_ThatIsMissing_IsTold()
    {
        var error = Assert.Throws<LaunchException>(() => _box.Run(_box.Shell("true") with { Sysctls = [new("net.ipv4.none", "1")] }));

        Assert.Equal(Errno.ENOENT, error.Errno);
        Assert.Contains("sys/net/ipv4/none", error.Message);
    }

    [RootFact]
    public void Process_OfAContainer_LeadsASessionAndDiesNotWithItsLauncher()
    {
        using var child = _box.Start(_box.Shell("exec busybox sleep 1000"));
        try
        {
            var stat = File.ReadAllText($"/proc/{child.Pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');

            Assert.Equal(Environment.ProcessId.ToString(), fields[1]);
            Assert.Equal(child.Pid.ToString(), fields[3]);
            Assert.Null(child.Reap());
        }
        finally
        {
            child.Signal(9);
            Assert.Equal(137, child.Wait().Shell);
        }

        Assert.False(child.Signal(9));
    }

    [RootFact]
    public void Descriptors_OfTheLauncher_AreAsManyAsBefore()
    {
        _box.Say("true");
        var before = Open();

        for (var i = 0; i < 5; i++)
        {
            _box.Say("true");
            Assert.Throws<LaunchException>(() => _box.Run(_box.Shell("") with { Command = ["/none"] }));
            Assert.Throws<LaunchException>(() => _box.Run(NamespaceTests.Mapped(_box.Shell("")) with { Command = ["/none"] }));
        }

        // Other tests of this process open and close some of these kinds meanwhile; a leak would be of every launch.
        Assert.Empty(Open().Where(o => o.Value - before.GetValueOrDefault(o.Key) >= 10).Select(static o => o.Key));
        Assert.DoesNotContain(Directory.EnumerateFiles("/proc/self/fd"), fd => Target(fd).StartsWith(_box.Around, StringComparison.Ordinal));
    }

    // Those that launches open: namespaces, pidfds, contexts of file systems.
    private static Dictionary<string, int> Open() =>
        Directory.EnumerateFiles("/proc/self/fd").Select(static fd => Kind(Target(fd)))
            .Where(static t => t is "net" or "user" or "anon_inode:[pidfd]" or "anon_inode:[fscontext]" or "/")
            .GroupBy(static t => t).ToDictionary(static g => g.Key, static g => g.Count());

    // net:[4026531840] is one of its kind.
    private static string Kind(string target) => target.StartsWith("anon_inode", StringComparison.Ordinal) ? target : target.Split(":[")[0];

    private static string Target(string fd) => new FileInfo(fd).LinkTarget ?? "";
}
