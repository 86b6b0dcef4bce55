using System.Globalization;
using Provision.Reconciler;

namespace Provision.Kernel.Seccomp;

/// <summary>Why filters cannot be had, in words.</summary>
internal static class FilterRefusal
{
    public const string TooMany = "it has more filters than are read back";

    /// <summary>What would be refused for every process; null when nothing is known to be.</summary>
    public static string? Beforehand(ThreadStatus? own) =>
        own is { Mode: not 0 } ? "this process is itself confined by seccomp, and the kernel shows filters to nobody who is" : null;

    /// <summary>Whether every other process would be refused likewise.</summary>
    public static bool IsForAll(TraceResult refused) => refused is { Request: "PTRACE_SECCOMP_GET_FILTER", Errno: Errno.EACCES or Errno.EINVAL or Errno.EIO };

    public static string Of(TraceResult refused, ThreadStatus? task) => (refused.Request, refused.Errno) switch
    {
        ("PTRACE_SEIZE", Errno.EPERM) when task is { Tracer: not 0 and var tracer } => string.Create(CultureInfo.InvariantCulture, $"it is traced by process {tracer}"),
        ("PTRACE_SEIZE", Errno.EPERM) => "it may not be traced from here (CAP_SYS_PTRACE, ptrace_scope)",
        ("PTRACE_SECCOMP_GET_FILTER", Errno.EACCES) => "filters are shown only to who has CAP_SYS_ADMIN in the first user namespace and no filter itself",
        ("PTRACE_SECCOMP_GET_FILTER", Errno.EINVAL or Errno.EIO) => "this kernel does not give filters back (CONFIG_CHECKPOINT_RESTORE)",
        ("PTRACE_SECCOMP_GET_FILTER", FilterTrace.TooMany) => TooMany,
        ("PTRACE_SECCOMP_GET_FILTER", Errno.EAGAIN) => "filters are being loaded onto it all the time",
        ("PTRACE_SECCOMP_GET_FILTER", PtraceNative.NoClassicProgram) => "the kernel has not kept its program",
        var (request, errno) => $"{request}: {ErrnoNames.Describe(errno)}",
    };

    public static string DidNotStop(TimeSpan patience, ThreadStatus? task) => string.Create(
        CultureInfo.InvariantCulture, $"it did not stop within {patience.TotalSeconds:0.#} s{(task is { State: 'D' } ? ": it waits uninterruptibly" : "")}");
}
