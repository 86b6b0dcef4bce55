using System.Globalization;
using Provision.Kernel.Launch;
using static Provision.Kernel.Launch.StepList;
using static Provision.Kernel.Sandbox.Constants;

namespace Provision.Kernel.Sandbox;

/// <summary>
/// /dev: a tmpfs of our own with nodes, links, pts, shm and mqueue. It is nodev, as is the root: each node is a mount of its
/// own, so that one which the container makes is of no use even where no device cgroup forbids it. In a user namespace
/// nodes cannot be made: those of the host are bound.
/// </summary>
internal static class DeviceSteps
{
    private const uint CharType = 0x2000;
    private const uint BlockType = 0x6000;
    private const uint FileType = 0x8000;

    /// <summary>What each container has.</summary>
    public static IReadOnlyList<DeviceSpec> Default { get; } =
    [
        new("/dev/null", DeviceType.Char, 1, 3), new("/dev/zero", DeviceType.Char, 1, 5), new("/dev/full", DeviceType.Char, 1, 7),
        new("/dev/random", DeviceType.Char, 1, 8), new("/dev/urandom", DeviceType.Char, 1, 9), new("/dev/tty", DeviceType.Char, 5, 0),
    ];

    public static void Make(StepList to, SandboxSpec spec)
    {
        var own = spec.Namespaces.User.Kind == NamespaceKind.Host;
        Mounting.MakeLabelled(to, spec.Security, "tmpfs", MountAttr.NoSuid | MountAttr.NoDev | MountAttr.NoExec, Slots.Dev, ("mode", "755"), ("size", "65536k"));
        Mounting.AttachTop(to, Slots.Dev, "dev");
        foreach (var device in Default.Concat(spec.Devices))
            Node(to, device, own);
        // What files are masked with: held before anything of the container's can lie over it.
        to.Add(Step(SystemCall.OpenAt, Slots.Of(Slots.Dev), "null", PathOnly) with { Result = Slots.Null });
        foreach (var (target, name) in new[] { ("/proc/self/fd", "fd"), ("/proc/self/fd/0", "stdin"), ("/proc/self/fd/1", "stdout"), ("/proc/self/fd/2", "stderr"), ("pts/ptmx", "ptmx") })
            to.Add(SystemCall.SymlinkAt, target, Slots.Of(Slots.Dev), name);
        FileSystems(to, spec, own);
    }

    private static void FileSystems(StepList to, SandboxSpec spec, bool own)
    {
        Mounting.Directory(to, Slots.Dev, "pts");
        if (own || spec.IdMaps?.Gid.Any(static r => r.Container <= 5 && 5 - r.Container < r.Count) == true)
            Mounting.MakeLabelled(to, spec.Security, "devpts", MountAttr.NoSuid | MountAttr.NoExec, "pts", ("ptmxmode", "0666"), ("mode", "0620"), ("gid", "5"));
        else
            Mounting.MakeLabelled(to, spec.Security, "devpts", MountAttr.NoSuid | MountAttr.NoExec, "pts", ("ptmxmode", "0666"), ("mode", "0620"));
        Mounting.Attach(to, "pts", Slots.Dev, "pts");

        const MountAttr plain = MountAttr.NoSuid | MountAttr.NoDev | MountAttr.NoExec;
        Mounting.Directory(to, Slots.Dev, "shm");
        Mounting.MakeLabelled(to, spec.Security, "tmpfs", plain, "shm", ("mode", "1777"), ("size", "65536k"));
        Mounting.Attach(to, "shm", Slots.Dev, "shm");

        // It shows the IPC namespace's queues, and only the namespace's owner may mount it: who owns another's is seen here.
        if (!own && spec.Namespaces.Ipc.Kind == NamespaceKind.Host)
            return;
        Mounting.Directory(to, Slots.Dev, "mqueue");
        to.Add(Step(SystemCall.FsOpen, "mqueue", Argument.Named("FSOPEN_CLOEXEC", 1)) with { Result = "fs" });
        var create = Step(SystemCall.FsConfig, Slots.Of("fs"), Argument.Named("FSCONFIG_CMD_CREATE", 6), Argument.Null, Argument.Null, 0);
        to.Add(!own && spec.Namespaces.Ipc.Kind == NamespaceKind.Path ? create with { Passes = [Errno.EPERM], SkipPassed = 2 } : create);
        to.Add(Step(SystemCall.FsMount, Slots.Of("fs"), Argument.Named("FSMOUNT_CLOEXEC", 1), Attr(plain)) with { Result = "mqueue" });
        Mounting.Attach(to, "mqueue", Slots.Dev, "mqueue");
    }

    private static void Node(StepList to, DeviceSpec device, bool own)
    {
        var path = device.Path["/dev/".Length..];
        for (var slash = path.IndexOf('/'); slash > 0; slash = path.IndexOf('/', slash + 1))
            Mounting.Directory(to, Slots.Dev, path[..slash]);
        to.Add(SystemCall.MknodAt, Slots.Of(Slots.Dev), path, Mode(FileType | 0x1B6, "S_IFREG"), 0);
        if (own)
            Make(to, device);
        Mounting.Attach(to, Slots.Device(device.Path), Slots.Dev, path);
    }

    /// <summary>A node on the scaffold, and a clone of it in its slot.</summary>
    public static void Make(StepList to, DeviceSpec device)
    {
        var name = Slots.Device(device.Path);
        Make(to, device, Slots.Scaffold, name);
        to.Add(Step(SystemCall.OpenTree, Slots.Of(Slots.Scaffold), name, CloneNamed) with { Result = name });
    }

    /// <summary>A node in a directory.</summary>
    public static void Make(StepList to, DeviceSpec device, string directory, string name)
    {
        var type = device.Type == DeviceType.Char ? Mode(CharType | device.Mode, "S_IFCHR") : Mode(BlockType | device.Mode, "S_IFBLK");
        to.Add(SystemCall.MknodAt, Slots.Of(directory), name, type, Number(device));
        if (device.Uid != 0 || device.Gid != 0)
            to.Add(SystemCall.FchownAt, Slots.Of(directory), name, device.Uid, device.Gid, Argument.Named("AT_SYMLINK_NOFOLLOW", 0x100));
    }

    private static Argument Mode(uint mode, string type) =>
        Argument.Named($"{type}|0{Convert.ToString(mode & 0xFFF, 8)}", mode);

    // The kernel's 32-bit form, new_encode_dev: the low byte of the minor, twelve bits of the major, the rest of the minor.
    private static Argument Number(DeviceSpec device) => Argument.Named(
        string.Create(CultureInfo.InvariantCulture, $"makedev({device.Major}, {device.Minor})"),
        (device.Minor & 0xFF) | (device.Major << 8) | ((device.Minor & ~0xFFu) << 12));
}
