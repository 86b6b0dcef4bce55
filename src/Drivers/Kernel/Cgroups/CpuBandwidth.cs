using Provision.Reconciler;

namespace Provision.Kernel;

/// <summary>
/// CPU bandwidth of cgroup v1. The kernel holds what is written against the cgroups below (EINVAL), and among them are those
/// that were removed a moment ago: a task group leaves its parent when nothing refers to it any more, some 15 ms after rmdir
/// (kernel/sched/core.c: cpu_cgroup_css_released). So a refusal counts when it stays.
/// </summary>
internal static class CpuBandwidth
{
    // 1, 2, 4 … ms between them: one second in all.
    private const int Attempts = 10;

    public static bool IsIn(CgroupHierarchy hierarchy, string file) => !hierarchy.Unified && file.StartsWith("cpu.cfs_", StringComparison.Ordinal);

    public static KernelError? Write(DirectoryWriter root, string target, string value)
    {
        using var pause = new ManualResetEventSlim();
        for (var attempt = 0; ; attempt++)
        {
            var error = root.Write(target, value);
            if (error is not { Errno: Errno.EINVAL } || attempt == Attempts)
                return error;
            pause.Wait(TimeSpan.FromMilliseconds(1 << attempt));
        }
    }
}
