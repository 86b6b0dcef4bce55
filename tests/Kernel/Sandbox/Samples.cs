namespace Provision.Kernel.Sandbox;

/// <summary>Specs that tests start from.</summary>
internal static class Samples
{
    public static readonly SandboxSpec Minimal = new()
    {
        Name = "web-1",
        Root = new(RootKind.Directory, "/srv/rootfs", ReadOnly: false, Overlay: false, Upper: null, Work: null, Hidden: []),
        Namespaces = new(),
        Command = ["/bin/busybox", "true"],
        Env = ["PATH=/bin"],
    };

    public static readonly SandboxSpec Everything = Minimal with
    {
        Root = new(RootKind.Host, null, ReadOnly: true, Overlay: true, "/var/lib/up", "/var/lib/work", ["/root", "/etc/shadow"]),
        Namespaces = new() { User = NamespaceChoice.Private },
        IdMaps = new([new(0, 100000, 65536)], [new(0, 200000, 65536)]),
        Mounts =
        [
            new(MountKind.Bind, "/srv/www", "/srv", ReadOnly: true),
            new(MountKind.Tmpfs, null, "/run", NoExec: true, SizeBytes: 16 << 20, Mode: 0x1ED),
        ],
        Devices = [new("/dev/fuse", DeviceType.Char, 10, 229)],
        WorkingDirectory = "/srv",
        User = new(1000, 1000, [10, 20]),
        Hostname = "web-1",
        Rlimits = [new(RlimitResource.Nofile, 1024, 4096)],
        Sysctls = [new("net.ipv4.ip_unprivileged_port_start", "80")],
        OomScoreAdj = 100,
        CgroupDirectories = ["/sys/fs/cgroup/cpu/a.ctr", "/sys/fs/cgroup/unified/a.ctr"],
        Security = SecuritySpec.Default with { SeccompFilter = [6, 0, 0, 0, 0, 0, 255, 127] },
        Networks = [new("web0", "eth0", "02:00:00:88:00:02", ["10.88.0.2/24"], [new("default", "10.88.0.1")])],
    };

    public static readonly SandboxSpec Labelled = Minimal with
    {
        Root = Minimal.Root with { Overlay = true },
        Mounts = [new(MountKind.Tmpfs, null, "/run")],
        Security = SecuritySpec.Default with
        {
            SelinuxLabel = "system_u:system_r:provision_container_t:s0:c1,c2",
            SelinuxFileLabel = "system_u:object_r:provision_container_file_t:s0:c1,c2",
        },
    };

    public static readonly SandboxSpec Joined = Minimal with
    {
        Root = Minimal.Root with { ReadOnly = true },
        Namespaces = new()
        {
            Pid = new(NamespaceKind.Path, "/proc/7/ns/pid"),
            Net = new(NamespaceKind.Path, "/proc/7/ns/net"),
            Ipc = new(NamespaceKind.Path, "/proc/7/ns/ipc"),
            Uts = NamespaceChoice.Host,
            Cgroup = new(NamespaceKind.Path, "/proc/7/ns/cgroup"),
            Time = NamespaceChoice.Private,
        },
        Command = ["true"],
        Env = ["PATH=/bin:/sbin"],
        CgroupDirectories = ["/sys/fs/cgroup/cpu/a.ctr", "/sys/fs/cgroup/unified/a.ctr"],
    };
}
