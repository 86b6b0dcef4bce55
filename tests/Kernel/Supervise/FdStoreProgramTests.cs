using Provision.Kernel.Launch;

namespace Provision.Kernel.Supervise;

public sealed class FdStoreProgramTests
{
    [Fact]
    public void Compile_ForThisInstance_JoinsKeepsTwoDescriptorsAndExecutes() => Assert.Equal(
        [
            "clone3(0)",
            "   0  write(join0, \"0\", 1)",
            "   1  setsid()",
            "   2  first-copy = fcntl(first, F_DUPFD_CLOEXEC, 3)",
            "   3  second-copy = fcntl(second, F_DUPFD_CLOEXEC, 3)",
            "   4  dup3(first-copy, 0, 0)",
            "   5  dup3(second-copy, 1, 0)",
            "   6  close_range(2, ~0U, CLOSE_RANGE_CLOEXEC)",
            "   7  rt_sigprocmask(SIG_SETMASK, [], NULL, 8)",
            "   8  execve(\"/proc/self/fd/9\", [\"provision-fdstore\", \"--instance\", \"shop\"], [])",
        ],
        FdStoreProgram.Compile(9, "shop", 1).Listing());

    [Fact]
    public void Executable_Launched_RunsUntilItIsKilledWithItsDescriptors()
    {
        using var executable = ProgramFile.Of(FdStoreProgram.Executable(Libc.IsArm64));
        using var queue = FdQueue.Make();
        using var launcher = new Launcher();
        using var inputs = new LaunchInputs();
        inputs[FdStoreProgram.First] = queue.Sender.Number;
        inputs[FdStoreProgram.Second] = queue.Receiver.Number;

        using var process = launcher.Start(FdStoreProgram.Compile(executable.Number, "shop", 0), inputs);

        Assert.Null(process.Reap());
        Assert.StartsWith("socket:", new FileInfo($"/proc/{process.Pid}/fd/0").LinkTarget);
        Assert.True(process.Signal(9));
        Assert.Equal(9, process.Wait().Signal);
    }
}
