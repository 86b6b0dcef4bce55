namespace Provision.EndToEnd;

public sealed class SystemCallTests
{
    [Theory]
    [InlineData("""12 openat(AT_FDCWD, "/sys/fs/cgroup/a/memory.max", O_WRONLY|O_CLOEXEC) = 5""")]
    [InlineData("""12 openat2(5, "memory.max", {flags=O_RDWR|O_CLOEXEC, resolve=RESOLVE_BENEATH}, 24) = 6""")]
    [InlineData("""12 mkdirat(5, "web.cg", 0755) = -1 EEXIST (File exists)""")]
    [InlineData("""12 fsetxattr(5, "trusted.provision.spec", "...", 3, 0) = 0""")]
    [InlineData("""12 sendmsg(3, {msg_name={sa_family=AF_NETLINK, nl_pid=0}, msg_iov=[{iov_base=[{nlmsg_len=32, nlmsg_type=RTM_NEWLINK, nlmsg_flags=NLM_F_REQUEST}], iov_len=32}]}, 0) = 32""")]
    [InlineData("""12 kill(99, SIGKILL) = 0""")]
    [InlineData("""mkdir("/run/provision", 0700) = 0""")]
    public void Mutates_CallThatChangesSomething_IsTrue(string line) => Assert.True(Assert.Single(SystemCall.Parse([line])).Mutates);

    [Theory]
    [InlineData("""12 openat(AT_FDCWD, "/proc/self/mountinfo", O_RDONLY|O_CLOEXEC) = 5""")]
    [InlineData("""12 openat(AT_FDCWD, "/dev/null", O_RDWR) = 5""")]
    [InlineData("""12 sendto(3, [{nlmsg_len=40, nlmsg_type=RTM_GETLINK, nlmsg_flags=NLM_F_REQUEST|NLM_F_DUMP}], 40, 0, NULL, 0) = 40""")]
    [InlineData("""12 write(1, "nothing to do\n", 14) = 14""")]
    [InlineData("""12 kill(99, 0) = 0""")]
    public void Mutates_CallThatReads_IsFalse(string line) => Assert.False(Assert.Single(SystemCall.Parse([line])).Mutates);

    [Fact]
    public void Parse_InterruptedCall_PutsItTogether()
    {
        var calls = SystemCall.Parse(
        [
            """12 openat(AT_FDCWD, "/a" <unfinished ...>""",
            """13 close(3) = 0""",
            """12 <... openat resumed>, O_WRONLY) = 4""",
        ]).ToList();

        Assert.Equal(["close", "openat"], calls.Select(static c => c.Name));
        Assert.True(calls[1].Mutates);
    }

    [RootFact]
    public void Parse_TraceOfARealTool_FindsItsChangesAndNoMore()
    {
        using var netns = new OwnNetns();
        using var directory = new OwnDirectory();

        var reading = Strace.Mutations(directory, netns.Exec, "ip", "route", "show");
        var changing = Strace.Mutations(directory, netns.Exec, "ip", "link", "add", "web0", "type", "bridge");

        Assert.Empty(reading);
        Assert.Contains(changing, static c => c.Arguments.Contains("\"web0\"", StringComparison.Ordinal));
    }
}
