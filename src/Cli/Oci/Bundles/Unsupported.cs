namespace Provision.Cli.Oci;

/// <summary>Members of the runtime specification that are refused when they say something, each with its reason.</summary>
public static class Unsupported
{
    private const string Gone = "the kernel no longer has it";
    private const string Platform = "of another platform";
    private const string Inside = "hooks inside the container's namespaces are not run: createRuntime and poststart run in the runtime's";

    public static IReadOnlyList<(string Path, string Reason)> All { get; } =
    [
        ("hooks.createContainer", Inside),
        ("hooks.startContainer", Inside),
        ("linux.intelRdt", "cache allocation (resctrl) is not managed"),
        ("linux.memoryPolicy", "NUMA policies are not set; linux.resources.cpu.mems binds to nodes"),
        ("linux.netDevices", "links are not moved into containers: give a network namespace by its path"),
        ("linux.personality", "execution domains are not set"),
        ("linux.resources.blockIO.leafWeight", Gone),
        ("linux.resources.blockIO.weightDevice", "weights of single devices are not set"),
        ("linux.resources.memory.kernel", Gone),
        ("linux.resources.memory.kernelTCP", "only cgroup v1 has it, and it is deprecated there"),
        ("linux.resources.network", "net_cls and net_prio are of cgroup v1 alone"),
        ("linux.resources.rdma", "the rdma controller is not managed"),
        ("linux.seccomp.listenerPath", "nobody is told of system calls (SCMP_ACT_NOTIFY)"),
        ("linux.timeOffsets", "offsets of time namespaces are not set"),
        ("process.execCPUAffinity", "affinities are not set; linux.resources.cpu.cpus binds to processors"),
        ("process.ioPriority", "I/O priorities are not set; linux.resources.blockIO.weight shares"),
        ("process.scheduler", "schedulers are not set"),
        ("solaris", Platform),
        ("vm", Platform),
        ("windows", Platform),
        ("zos", Platform),
    ];

    /// <summary>Options of mounts that are refused.</summary>
    public static IReadOnlyList<(string Option, string Reason)> MountOptions { get; } =
    [
        ("copy-symlink", "links are not copied"),
        ("idmap", "id-mapped mounts are not made"),
        ("remount", "a mount is made once"),
        ("ridmap", "id-mapped mounts are not made"),
    ];

    internal static void Refuse(Member root)
    {
        foreach (var (path, reason) in All)
        {
            var at = path.Split('.').Aggregate(root, static (member, name) => member[name]);
            if (!at.IsEmpty)
                at.Refuse(reason);
        }
    }
}
