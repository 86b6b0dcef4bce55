using Provision.Kernel.Seccomp;

namespace Provision.Kernel.Tests.Seccomp;

/// <summary>What a tracer does with everything that can happen to a task meanwhile.</summary>
public sealed class FilterTraceTests
{
    private const int ESRCH = 3;

    private readonly SettableTime _time = new();

    private static SeccompProgram Program(uint value) => new([new SockFilter(SockFilter.Return, 0, 0, value)]);

    private TraceResult Read(FakeTracee tracee, bool isMeant = true, Func<int?>? count = null) =>
        FilterTrace.Read(tracee, () => isMeant, count ?? (() => tracee.Programs.Count), TimeSpan.FromSeconds(5), _time);

    [Fact]
    public void Read_ARunningTask_GivesItsFiltersAndLetsItGo()
    {
        var tracee = new FakeTracee { StopsAfter = 3, Programs = [Program(1), Program(2)] };

        var result = Read(tracee);

        Assert.Equal(TraceEnd.Read, result.End);
        Assert.Equal([1u, 2u], result.Programs.Select(static p => p.Instructions[0].K));
        Assert.Equal(["seize", "interrupt", "detach 0"], tracee.Log);
    }

    [Fact]
    public void Read_ATaskThatIsBeingGivenASignal_HandsItOver()
    {
        var tracee = new FakeTracee { Stop = new TraceStop(false, 10), Programs = [Program(1)] };

        Assert.Single(Read(tracee).Programs);

        Assert.Equal("detach 10", tracee.Log[^1]);
    }

    [Fact]
    public void Read_ATaskThatEnds_IsGoneAndNothingMoreIsAsked()
    {
        var tracee = new FakeTracee { Stop = new TraceStop(true, 0) };

        Assert.Equal(TraceEnd.Gone, Read(tracee).End);

        Assert.Equal(["seize", "interrupt"], tracee.Log);
    }

    [Theory]
    [InlineData(ESRCH, 0)]
    [InlineData(0, ESRCH)]
    public void Read_ATaskThatIsNotThere_IsGone(int seize, int interrupt) =>
        Assert.Equal(TraceEnd.Gone, Read(new FakeTracee { SeizeErrno = seize, InterruptErrno = interrupt }).End);

    [Fact]
    public void Read_ATaskKilledWhileItIsRead_IsGone()
    {
        var tracee = new FakeTracee { FilterErrno = ESRCH };

        Assert.Equal(TraceEnd.Gone, Read(tracee).End);
        Assert.Equal("detach 0", tracee.Log[^1]);
    }

    [Fact]
    public void Read_AnotherThanTheOneMeant_IsGoneUnreadAndLetGo()
    {
        var tracee = new FakeTracee { Stop = new TraceStop(false, 15), Meanwhile = static _ => Assert.Fail("it was read") };

        Assert.Equal(TraceEnd.Gone, Read(tracee, isMeant: false).End);
        Assert.Equal("detach 15", tracee.Log[^1]);
    }

    [Fact]
    public void Read_ATaskThatDoesNotStop_EndsAfterItsPatienceWithoutLettingGo()
    {
        var tracee = new FakeTracee { StopsAfter = null, Waited = () => _time.Advance(TimeSpan.FromSeconds(1)) };

        Assert.Equal(TraceEnd.DidNotStop, Read(tracee).End);

        // Nothing but the tracer's own end lets go of what runs.
        Assert.Equal(["seize", "interrupt"], tracee.Log);
    }

    [Theory]
    [InlineData(Errno.EPERM, 0, "PTRACE_SEIZE")]
    [InlineData(0, Errno.EACCES, "PTRACE_SECCOMP_GET_FILTER")]
    [InlineData(0, Errno.EINVAL, "PTRACE_SECCOMP_GET_FILTER")]
    public void Read_WhatIsRefused_NamesTheRequest(int seize, int filter, string request)
    {
        var result = Read(new FakeTracee { SeizeErrno = seize, FilterErrno = filter });

        Assert.Equal((TraceEnd.Refused, request, seize + filter), (result.End, result.Request, result.Errno));
    }

    [Fact]
    public void Read_AFilterThatASiblingLoadsMeanwhile_IsRead()
    {
        var late = Program(2);
        var asked = 0;
        var tracee = new FakeTracee { Programs = [Program(1)], Meanwhile = t => { if (++asked == 2) t.Programs.Add(late); } };

        var result = Read(tracee, count: static () => 2);

        Assert.Equal(2, result.Programs.Length);
        Assert.Equal(2, asked);
    }

    [Fact]
    public void Read_FiltersThatKeepChanging_IsGivenUp()
    {
        var tracee = new FakeTracee { Programs = [Program(1)] };

        var result = Read(tracee, count: () => tracee.Programs.Count + 1);

        Assert.Equal((TraceEnd.Refused, Errno.EAGAIN), (result.End, result.Errno));
        Assert.Equal("detach 0", tracee.Log[^1]);
    }

    [Theory]
    [InlineData(FilterTrace.MostFilters, true)]
    [InlineData(FilterTrace.MostFilters + 1, false)]
    public void Read_MoreFiltersThanAnybodyNeeds_IsGivenUp(int filters, bool read) =>
        Assert.Equal(read ? TraceEnd.Read : TraceEnd.Refused, Read(new FakeTracee { Programs = [.. Enumerable.Repeat(Program(1), filters)] }, count: static () => null).End);

    [Fact]
    public void Read_WhereTheKernelDoesNotCount_TrustsTheLast() =>
        Assert.Single(Read(new FakeTracee { Programs = [Program(1)] }, count: static () => null).Programs);

    private sealed class SettableTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan by) => _now += by.Ticks;

        public override long GetTimestamp() => _now;
    }
}
