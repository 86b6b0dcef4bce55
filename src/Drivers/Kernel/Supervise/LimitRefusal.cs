namespace Provision.Kernel.Supervise;

/// <summary>Why the kernel refuses a resource limit, where that is not told by its errno (prlimit(2)).</summary>
internal static class LimitRefusal
{
    private const int SysResource = 24;

    /// <summary>Null when there is nothing to add.</summary>
    public static string? Reason(int errno) => errno != Errno.EPERM ? null
        : (StatusFile.Read(Environment.ProcessId)?.CapEffective & (1UL << SysResource)) == 0
            ? "raising a hard limit, or changing one of another user's process, needs CAP_SYS_RESOURCE, which the supervisor lacks"
            : "open files are bounded by /proc/sys/fs/nr_open";
}
