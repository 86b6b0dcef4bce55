using Provision.Reconciler;

namespace Provision.Kernel;

/// <summary>What an errno from a control file of cgroup v2 means, where the number alone tells too little.</summary>
internal static class RefusalReason
{
    public static KernelError? Explain(KernelError? error, CgroupHierarchy hierarchy, string file) =>
        error is { Detail: null } && hierarchy.Unified && Reason(error.Errno, file) is { } reason ? error with { Detail = reason } : error;

    private static string? Reason(int errno, string file) => (errno, file) switch
    {
        // Mount option nsdelegate, Documentation/admin-guide/cgroup-v2.rst, "Model of Delegation".
        (Errno.EPERM, _) => "the cgroup is the root of this cgroup namespace: its limits are set from outside alone (nsdelegate)",
        (Errno.ENODEV, "io.max") => "no such disk, or it is a partition: the kernel limits whole disks only",
        (Errno.EOPNOTSUPP, "cgroup.procs") => "the cgroup is threaded, or below one that is: whole processes cannot be put there",
        _ => null,
    };
}
