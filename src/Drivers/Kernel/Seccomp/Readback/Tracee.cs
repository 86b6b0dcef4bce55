using System.Globalization;

namespace Provision.Kernel.Seccomp;

/// <summary>A task of this host. What cannot be let go (it never stopped) is let go by the kernel when the calling thread ends.</summary>
/// <param name="task">A thread's number; a process's first thread has its pid.</param>
internal sealed unsafe class Tracee(int task) : ITracee
{
    // A stop takes microseconds; then it is asked for every millisecond, since no descriptor tells of it.
    private const int Eager = 200, MillisecondsBetween = 1;

    private int _waits;

    public int Seize() => Request(PtraceNative.Seize, 0);

    public int Interrupt() => Request(PtraceNative.Interrupt, 0);

    public TraceStop? Wait()
    {
        int status, got;
        do
            got = PtraceNative.waitpid(task, &status, PtraceNative.WaitAny | PtraceNative.WaitNoHang);
        while (got < 0 && Sys.LastError == Errno.EINTR);
        if (got == task)
            return TraceStop.Of(status);
        // Not traced any more: it was the thread of a program that another thread has executed, or it was reaped.
        if (got < 0)
            return new TraceStop(true, 0);
        if (_waits++ < Eager)
            Thread.Yield();
        else
            Libc.poll(null, 0, MillisecondsBetween);
        return null;
    }

    public (byte[]? Program, int Errno) Filter(int index)
    {
        // Without a place for it the kernel tells its length, in instructions.
        var length = PtraceNative.ptrace(PtraceNative.GetFilter, task, index, null);
        if (length < 0)
            return (null, Sys.LastError);
        var bytes = new byte[length * SockFilter.Size];
        fixed (byte* at = bytes)
            return PtraceNative.ptrace(PtraceNative.GetFilter, task, index, at) == length ? (bytes, 0) : (null, Sys.LastError);
    }

    public int Detach(int signal) => Request(PtraceNative.Detach, signal);

    public override string ToString() => task.ToString(CultureInfo.InvariantCulture);

    private int Request(int request, nint data) => PtraceNative.ptrace(request, task, 0, (void*)data) < 0 ? Sys.LastError : 0;
}
