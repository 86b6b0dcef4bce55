using Provision.Kernel.Supervise;

namespace Provision.Kernel.Tests.Supervise;

public sealed class ProcTests
{
    private const string Tail = "S 1 2 3 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 8765 100 200 18446744073709551615 1 2 3 4 5 0 0 0 0 0 0 0 17 1 0 0 0 0 0 1 2 3 4 5 6 7 2304";

    [Theory]
    [InlineData("42 (sleep) ")]
    [InlineData("42 (a) S 1 (b) ")]
    [InlineData("42 (evil) Z 9 9\n) ")]
    public void Parse_WhateverTheName_FindsTheFields(string head) =>
        Assert.Equal(new ProcStat('S', 8765, 2304), ProcStat.Parse(head + Tail + "\n"));

    [Theory]
    [InlineData("")]
    [InlineData("42 (sleep)")]
    [InlineData("42 (sleep) S 1 2 3")]
    public void Parse_TooLittle_IsNull(string text) => Assert.Null(ProcStat.Parse(text));

    [Fact]
    public void Read_OwnProcess_IsTheKernelsText()
    {
        var fields = File.ReadAllText("/proc/self/stat")[(File.ReadAllText("/proc/self/stat").LastIndexOf(')') + 2)..].Split(' ');

        Assert.Equal(fields[19], ProcStat.Read(Environment.ProcessId)!.Value.StartTime.ToString());
        Assert.Null(ProcStat.Read(int.MaxValue));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(7 << 8, 7)]
    [InlineData(9, 137)]
    [InlineData(11 | 0x80, 139)]
    public void FromWait_AStatus_IsAShellsNumber(int status, int expected) => Assert.Equal(expected, PidFd.FromWait(status));

    [Fact]
    public void Status_OwnProcess_HasTheKernelsMasks()
    {
        var text = File.ReadAllText("/proc/self/status");

        var status = StatusFile.Parse(text);

        Assert.Contains($"CapEff:\t{status.CapEffective:x16}", text);
        Assert.Contains($"CapBnd:\t{status.CapBounding:x16}", text);
        Assert.Contains($"Seccomp:\t{status.SeccompMode}", text);
    }

    [Theory]
    [InlineData("low 0\noom 1\noom_kill 3\noom_group_kill 0\n", 3)]
    [InlineData("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n", 2)]
    [InlineData("oom_kill_disable 0\nunder_oom 0\n", 0)]
    [InlineData("oom_kill x\n", 0)]
    public void CounterIn_EventsOfBothVersions_IsTheNumber(string text, int expected) =>
        Assert.Equal((ulong)expected, LeafCgroup.CounterIn(text, "oom_kill"));

    [Fact]
    public void Open_OwnProcess_OnlyWithItsStartTime()
    {
        var start = ProcStat.Read(Environment.ProcessId)!.Value.StartTime;
        using var self = PidFd.Open(Environment.ProcessId, start);

        Assert.NotNull(self);
        Assert.Null(PidFd.Open(Environment.ProcessId, start + 1));
        Assert.Null(PidFd.Open(int.MaxValue, 1));
        Assert.Null(PidFd.ExitStatus(self, Environment.ProcessId, start));
    }
}
