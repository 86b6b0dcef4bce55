namespace Provision.Kernel.Seccomp;

/// <summary>One task as its tracer sees it, ptrace(2). Every member is called on one thread: the tracer is a thread, not a process.</summary>
internal interface ITracee
{
    /// <summary>PTRACE_SEIZE: 0, or the errno. Nothing stops.</summary>
    int Seize();

    /// <summary>PTRACE_INTERRUPT: 0, or the errno. It will stop; a system call in which it waits may end in EINTR.</summary>
    int Interrupt();

    /// <summary>Waits a moment; null when nothing has changed.</summary>
    TraceStop? Wait();

    /// <summary>PTRACE_SECCOMP_GET_FILTER of a stopped task: the bytes, or the errno. 0 is the filter that was loaded first.</summary>
    (byte[]? Program, int Errno) Filter(int index);

    /// <summary>PTRACE_DETACH of a stopped task: 0, or the errno.</summary>
    /// <param name="signal">Handed over; 0: none.</param>
    int Detach(int signal);
}
