using System.Runtime.InteropServices;
using Provision.Kernel.Seccomp;

namespace Provision.Kernel.Reading;

/// <summary>
/// Makes this process one that can only read: a seccomp filter on all its threads (seccomp(2), SECCOMP_FILTER_FLAG_TSYNC),
/// for good. What changes something kills the process (SIGSYS; the kernel's log names the call), other calls that reading
/// does not need return ENOSYS. Written can be what is open already. Threads that are started later wear it too.
/// </summary>
public static unsafe class ReadingFilter
{
    private const int SetNoNewPrivileges = 38; // PR_SET_NO_NEW_PRIVS
    private const long SetModeFilter = 1; // SECCOMP_SET_MODE_FILTER

    /// <param name="output">The file that is to be written; it still gets its name, or is removed.</param>
    /// <exception cref="Reconciler.KernelException">
    /// The kernel takes no filter (EINVAL without CONFIG_SECCOMP_FILTER, ENOSYS), or a thread has one of its own.
    /// </exception>
    public static void Wear(PreparedFile? output = null)
    {
        _ = NeededCalls.Missing;
        _ = SecurityLayers.Ask();
        OpenWays.Seal();
        var pins = new ReadingPins((uint)Environment.ProcessId, OpenWays.Address, output?.TemporaryAddress ?? 0, output?.FinalAddress ?? 0);
        var steps = ReadingProgram.Pinned(pins);
        // No capability is needed with it, and nothing is executed that could gain any.
        if (Libc.prctl(SetNoNewPrivileges, 1, 0, 0, 0) != 0)
            throw Sys.Failure("prctl", "PR_SET_NO_NEW_PRIVS", Sys.LastError);
        fixed (SockFilter* first = steps)
        {
            var program = new FilterProgram { Length = (ushort)steps.Length, Filter = first };
            var number = Libc.IsArm64 ? 277 : 317;
            var result = Libc.seccomp(number, SetModeFilter, SeccompProgram.FlagTsync | SeccompProgram.FlagSpecAllow, &program);
            if (result > 0)
                throw Sys.Failure("seccomp", "reading filter", Errno.EBUSY, null, $"thread {result} has a filter of its own");
            if (result < 0)
                throw Sys.Failure("seccomp", "reading filter", Sys.LastError);
        }
    }

    /// <summary>struct sock_fprog, linux/filter.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FilterProgram
    {
        public ushort Length;
        public SockFilter* Filter;
    }
}
