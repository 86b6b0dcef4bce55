using Provision.Kernel.Seccomp;

namespace Provision.Kernel.Tests.Seccomp;

public sealed class TraceStopTests
{
    // wait(2) and ptrace(2): low byte 0x7f is a stop, the next its signal, above them the event; 128 is PTRACE_EVENT_STOP.
    [Theory]
    [InlineData(0x80057f, false, 0)] // the stop that was asked for
    [InlineData(0x80137f, false, 0)] // job control had stopped it: SIGSTOP
    [InlineData(0x80147f, false, 0)] // SIGTSTP
    [InlineData(0x000a7f, false, 10)] // about to be given SIGUSR1
    [InlineData(0x00137f, false, 19)] // about to be given SIGSTOP
    [InlineData(0x00057f, false, 5)] // about to be given SIGTRAP
    [InlineData(0x000300, true, 0)] // exit status 3
    [InlineData(0x000009, true, 0)] // killed
    [InlineData(0x00008b, true, 0)] // killed, core dumped
    public void Of_AStatus_TellsWhatItIs(int status, bool ended, int signal) =>
        Assert.Equal(new TraceStop(ended, signal), TraceStop.Of(status));
}
