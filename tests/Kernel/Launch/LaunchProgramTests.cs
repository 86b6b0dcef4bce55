namespace Provision.Kernel.Launch;

public sealed class LaunchProgramTests
{
    [Fact]
    public void Listing_OfAProgramThatStartsAnother_ShowsBoth()
    {
        var inner = Programs.Of(Programs.Exec("/bin/true", "a b")) with { Title = "web-1", Flags = CloneFlags.Parent | CloneFlags.NewPid };
        var outer = Programs.Of(
            Programs.Call(SystemCall.SetNs, Argument.Slot("user"), Argument.Named("CLONE_NEWUSER", 0x10000000)),
            Programs.Call(SystemCall.MkdirAt, Argument.Here, "/proc", Argument.Octal(0x1ED)) with { Passes = [Errno.EEXIST, Errno.EACCES], SkipPassed = 2, SkipDone = 1 },
            new Step(SystemCall.Clone3, []) { Child = inner, Result = LaunchProgram.ChildPid }) with { Flags = CloneFlags.Files | CloneFlags.IntoCgroup, Inputs = ["user", "cgroup"], Cgroup = "cgroup" };

        Assert.Equal(
            [
                "clone3(CLONE_FILES|CLONE_INTO_CGROUP, cgroup)",
                "   0  setns(user, CLONE_NEWUSER)",
                "   1  mkdirat(AT_FDCWD, \"/proc\", 0755) or EEXIST|EACCES +2, done +1",
                "   2  pid = clone3(CLONE_PARENT|CLONE_NEWPID, web-1)",
                "    clone3(CLONE_PARENT|CLONE_NEWPID)",
                "       0  execve(\"/bin/true\", [\"/bin/true\", \"a b\"], [])",
            ],
            outer.Listing());
    }

    [Fact]
    public void Environment_InAListing_ShowsNamesOnly() =>
        Assert.Equal("[PASSWORD, B]", Argument.Environment(["PASSWORD=secret", "B=x=y"]).Shown);
}
