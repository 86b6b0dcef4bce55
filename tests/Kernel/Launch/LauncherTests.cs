using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Provision.Kernel.Launch;

/// <summary>Programs without privilege: what the loop does with steps, and what its starter makes of their end.</summary>
public sealed class LauncherTests : IDisposable
{
    private const int SigKill = 9;
    private const int SigStop = 19;

    // What a child is called before and after execve.
    private static readonly string[] Names = ["launch", "busybox", "sleep"];

    private readonly Launcher _launcher = new();

    public void Dispose() => _launcher.Dispose();

    [Theory]
    [InlineData("true", 0)]
    [InlineData("false", 1)]
    public void Start_OfAProgramThatExecutes_GivesItsStatus(string applet, int code)
    {
        using var child = Start(Programs.Exec("/bin/busybox", applet));

        Assert.True(child.Pid > 0);
        Assert.Equal(new ExitStatus(code, 0), child.Wait());
    }

    [Fact]
    public void Start_OfACommandThatIsNotThere_NamesStepAndErrno()
    {
        var error = Assert.Throws<LaunchException>(() => Start(Programs.GetPid, Programs.Exec("/bin/none")));

        Assert.Equal((1, Errno.ENOENT), (error.Index, error.Errno));
        Assert.Equal("launch of test, step 1: execve(\"/bin/none\", [\"/bin/none\"], []): ENOENT (no such file or directory)", error.Message);
        NoChildIsLeft();
    }

    [Fact]
    public void Start_WhereAnEarlierPlaceMayNotBeExecuted_TellsThatOne()
    {
        var tried = Programs.Exec("/etc") with { Passes = [Errno.EACCES, Errno.ENOENT] };

        var error = Assert.Throws<LaunchException>(() => Start(tried, Programs.Exec("/bin/none")));

        Assert.Equal((0, Errno.EACCES), (error.Index, error.Errno));
    }

    [Fact]
    public void Start_OfAChildKilledInMidSetup_TellsTheStep()
    {
        var error = Assert.Throws<LaunchException>(() =>
            Start(Programs.GetPid, Programs.KillSelf(SigKill), Programs.Exec("/bin/busybox", "true")));

        Assert.Equal((1, 0), (error.Index, error.Errno));
        Assert.Contains("ended there (signal 9)", error.Message);
        NoChildIsLeft();
    }

    [Fact]
    public void Start_OfAChildStoppedInMidSetup_IsKilledWhenPatienceEnds()
    {
        using var launcher = new Launcher { Patience = TimeSpan.FromMilliseconds(200) };
        var unblocked = 0;

        var error = Assert.Throws<LaunchException>(() => launcher.Start(
            Programs.Of(Programs.GetPid, Programs.KillSelf(SigStop), Programs.Exec("/bin/busybox", "true")), new LaunchInputs(), () => unblocked++));

        Assert.Contains("did not go on in time", error.Message);
        Assert.True(unblocked > 0);
        NoChildIsLeft();
    }

    [Fact]
    public void Start_BehindOneThatIsStuck_HasAllItsTimeFromWhenItBegins()
    {
        var fifo = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        Assert.Equal(0, Logs.LogNative.mkfifo(fifo, Logs.LogWriter.FileMode));
        using var launcher = new Launcher { Patience = TimeSpan.FromSeconds(20) };
        LaunchException? first = null;
        var stuck = new Thread(() => first = Assert.Throws<LaunchException>(() => launcher.Start(
            Programs.Of(Programs.GetPid, Programs.KillSelf(SigStop), Programs.Exec("/bin/busybox", "true")), new LaunchInputs())));
        stuck.Start();
        // The second waits for a writer of the pipe, and would be late by then if its time ran since it was asked for.
        var writer = new Thread(() =>
        {
            stuck.Join();
            Thread.Sleep(1000);
            File.OpenHandle(fifo, FileMode.Open, FileAccess.Write).Dispose();
        });
        writer.Start();

        using var child = launcher.Start(
            Programs.Of(Programs.Call(SystemCall.OpenAt, Argument.Here, fifo, 0), Programs.Exec("/bin/busybox", "true")), new LaunchInputs());

        Assert.Equal(0, child.Wait().Shell);
        writer.Join();
        File.Delete(fifo);
        Assert.Contains("did not go on in time", first!.Message);
    }

    [Fact]
    public void Start_WithSlots_PassesResultsAndInputsOn()
    {
        using var file = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite);
        var inputs = new LaunchInputs { ["null"] = file.DangerousGetHandle() };
        var program = Programs.Of(
            Programs.Call(SystemCall.Fcntl, Argument.Slot("null"), 0, 50) with { Result = "copy" },
            Programs.Call(SystemCall.Dup3, Argument.Slot("copy"), 61, 0),
            Programs.Exec("/bin/busybox", "sh", "-c", "[ /proc/self/fd/61 -ef /dev/null ]")) with
        { Inputs = ["null"] };

        using var child = _launcher.Start(program, inputs);

        Assert.Equal(0, child.Wait().Shell);
    }

    [Theory]
    [InlineData(20, 0)] // a file is no directory: passed, and the next step is left out
    [InlineData(2, 1)] // ENOENT is not passed
    public void Start_WithAStepThatPassesAnErrno_SkipsWhatFollows(int passed, int failing)
    {
        var program = Programs.Of(
            Programs.Call(SystemCall.Chdir, "/etc/passwd") with { Passes = [passed], SkipPassed = 1 },
            Programs.Call(SystemCall.Chdir, "/none"),
            Programs.Call(SystemCall.Chdir, "/") with { SkipDone = 1 },
            Programs.Call(SystemCall.Chdir, "/none"),
            Programs.Exec("/bin/busybox", "true"));

        if (failing == 0)
        {
            using var child = _launcher.Start(program, new LaunchInputs());
            Assert.Equal(0, child.Wait().Shell);
        }
        else
        {
            Assert.Equal((0, Errno.ENOTDIR), Failing(program));
        }
    }

    [Fact]
    public void Start_OfAProgramThatStartsAnother_GivesTheSecondProcess()
    {
        using var child = _launcher.Start(TwoLevels(Programs.Exec("/bin/busybox", "sh", "-c", "exit 7")), new LaunchInputs());

        Assert.True(child.Pid > 0);
        Assert.Equal(7, child.Wait().Shell);
        NoChildIsLeft();
    }

    [Fact]
    public void Start_OfASecondProgramThatFails_NamesItsStep()
    {
        Assert.Equal((1, Errno.ENOENT), Failing(TwoLevels(Programs.GetPid, Programs.Exec("/bin/none"))));
        NoChildIsLeft();
    }

    [Fact]
    public void Start_OfASecondProgramThatIsKilled_TellsIt()
    {
        Assert.Equal((1, 0), Failing(TwoLevels(Programs.GetPid, Programs.KillSelf(SigKill), Programs.Exec("/bin/none"))));
        NoChildIsLeft();
    }

    [Fact]
    public void Start_WhoseFirstChildIsKilledWhileTheSecondRuns_EndsBoth()
    {
        using var launcher = new Launcher { Patience = TimeSpan.FromMilliseconds(200) };
        var program = TwoLevels(Programs.GetPid, Programs.KillSelf(SigStop), Programs.Exec("/bin/busybox", "true"));

        Assert.Throws<LaunchException>(() => launcher.Start(program, new LaunchInputs()));

        NoChildIsLeft();
    }

    [Fact]
    public void Start_WhoseFirstChildFailsAfterTheSecondRuns_EndsBothAndNamesItsStep()
    {
        var whole = TwoLevels(Programs.Exec("/bin/busybox", "sleep", "1000"));

        Assert.Equal((1, Errno.ENOENT), Failing(whole with { Steps = [.. whole.Steps, Programs.Call(SystemCall.Chdir, "/none")] }));
        NoChildIsLeft();
    }

    [Fact]
    public void Perform_OfAProgramThatEnds_ReadsItsSlots()
    {
        long self = 0;
        var pid = 0;

        _launcher.Perform(Programs.Of(Programs.GetPid), new LaunchInputs(), (slot, child) => (self, pid) = (slot("self"), child));

        Assert.Equal(pid, self);
        NoChildIsLeft();
    }

    [Fact]
    public void Perform_OfAProgramThatFails_Throws()
    {
        var error = Assert.Throws<LaunchException>(() =>
            _launcher.Perform(Programs.Of(Programs.Call(SystemCall.Chdir, "/none")), new LaunchInputs(), (_, _) => Assert.Fail("was read")));

        Assert.Equal(Errno.ENOENT, error.Errno);
    }

    [Fact]
    public void Start_OfAProgramThatReadsAnUnknownSlot_IsRefusedBefore() =>
        Assert.Throws<InvalidOperationException>(() => Start(Programs.Call(SystemCall.Close, Argument.Slot("none"))));

    [Fact]
    public void Layout_OfTheStructures_IsThatOfTheC()
    {
        Assert.Equal(88, Unsafe.SizeOf<NativeStep>());
        Assert.Equal(56, (int)Marshal.OffsetOf<NativeStep>(nameof(NativeStep.Slots)));
        Assert.Equal(80, (int)Marshal.OffsetOf<NativeStep>(nameof(NativeStep.Done)));
        Assert.Equal(32, Unsafe.SizeOf<NativeProgram>());
        Assert.Equal(24, (int)Marshal.OffsetOf<NativeProgram>(nameof(NativeProgram.Failed)));
        Assert.Equal(88, Unsafe.SizeOf<CloneArgs>());
    }

    private static LaunchProgram TwoLevels(params Step[] steps)
    {
        var inner = Programs.Of([.. steps]) with { Flags = CloneFlags.Parent };
        return Programs.Of(new Step(SystemCall.Clone3, []) { Child = inner, Result = LaunchProgram.ChildPid }) with { Flags = CloneFlags.Files };
    }

    private Launched Start(params Step[] steps) => _launcher.Start(Programs.Of([.. steps]), new LaunchInputs());

    private (int Index, int Errno) Failing(LaunchProgram program)
    {
        var error = Assert.Throws<LaunchException>(() => _launcher.Start(program, new LaunchInputs()));
        return (error.Index, error.Errno);
    }

    // The tests of this class run one after another, and no other class of this project starts processes by launching.
    private static void NoChildIsLeft()
    {
        foreach (var task in Directory.GetDirectories("/proc/self/task"))
            foreach (var pid in Read($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                Assert.DoesNotContain(Read($"/proc/{pid}/comm").TrimEnd(), Names);
    }

    // A thread or process that has ended meanwhile reads as nothing.
    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
