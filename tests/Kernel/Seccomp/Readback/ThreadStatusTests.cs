using Provision.Kernel.Seccomp;

namespace Provision.Kernel.Tests.Seccomp;

public sealed class ThreadStatusTests
{
    private const string Text = "Name:\ta\\nSeccomp_filters:\\t9\nUmask:\t0022\nState:\tt (tracing stop)\nTgid:\t4711\nTracerPid:\t12\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t3\n";

    [Fact]
    public void Parse_AStatus_TellsItsConfinement() =>
        Assert.Equal(new ThreadStatus('t', 12, 2, 3), ThreadStatus.Parse(Text));

    [Fact]
    public void Parse_BeforeLinux59_DoesNotKnowTheCount() =>
        Assert.Null(ThreadStatus.Parse(Text.Replace("\nSeccomp_filters:\t3", ""))!.Filters);

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("State:\n")]
    public void Parse_WhatIsNoStatus_IsNothing(string text) => Assert.Null(ThreadStatus.Parse(text));

    [Theory]
    [InlineData('Z', true)]
    [InlineData('X', true)]
    [InlineData('T', false)]
    [InlineData('D', false)]
    public void IsEnded_ByState_IsOfTheDeadAlone(char state, bool ended) => Assert.Equal(ended, new ThreadStatus(state, 0, 2, 1).IsEnded);

    [Theory]
    [InlineData("12:pids:/a\n5:freezer:/a/b.ctr\n0::/a/b.ctr\n", "a/b.ctr/")]
    [InlineData("5:cpu,freezer:/\n", "")]
    [InlineData("5:freezer:/a:b\n", "a:b/")]
    [InlineData("0::/a\n", null)]
    [InlineData("", null)]
    public void PathIn_OfACgroupFile_IsTheFreezersOfV1(string text, string? path) => Assert.Equal(path, Freezer.PathIn(text));

    [Theory]
    [InlineData("12 (a b) S 1 2 3 0 -1 4194368 9", 4194368u)]
    [InlineData("12 (a) S 7) R 1 2 3 0 -1 64", 64u)]
    [InlineData("12 (a) S 1 2", null)]
    [InlineData("12 (a)", null)]
    [InlineData("", null)]
    public void Flags_OfAStat_AreTheNinthField(string text, uint? flags) => Assert.Equal(flags, Arriving.Flags(text));

    [Fact]
    public void Beforehand_UnderAFilter_IsRefusedAtOnce()
    {
        Assert.Null(FilterRefusal.Beforehand(new ThreadStatus('R', 0, 0, 0)));
        Assert.NotNull(FilterRefusal.Beforehand(new ThreadStatus('R', 0, 2, 1)));
    }

    [Theory]
    [InlineData("PTRACE_SEIZE", Errno.EPERM, 12, "it is traced by process 12", false)]
    [InlineData("PTRACE_SEIZE", Errno.EPERM, 0, "it may not be traced from here", false)]
    [InlineData("PTRACE_SECCOMP_GET_FILTER", Errno.EACCES, 0, "CAP_SYS_ADMIN", true)]
    [InlineData("PTRACE_SECCOMP_GET_FILTER", Errno.EINVAL, 0, "CONFIG_CHECKPOINT_RESTORE", true)]
    [InlineData("PTRACE_SECCOMP_GET_FILTER", Errno.EAGAIN, 0, "all the time", false)]
    [InlineData("PTRACE_SECCOMP_GET_FILTER", FilterTrace.TooMany, 0, "more filters", false)]
    [InlineData("PTRACE_SEIZE", Errno.EIO, 0, "PTRACE_SEIZE: EIO", false)]
    public void Of_ARefusal_SaysWhyAndWhetherOthersAreSpared(string request, int errno, int tracer, string text, bool forAll)
    {
        var refused = new TraceResult(TraceEnd.Refused, [], request, errno);

        Assert.Contains(text, FilterRefusal.Of(refused, new ThreadStatus('S', tracer, 2, 1)), StringComparison.Ordinal);
        Assert.Equal(forAll, FilterRefusal.IsForAll(refused));
    }
}
