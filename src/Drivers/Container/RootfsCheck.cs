using Provision.Spec;
using static Provision.Drivers.Container.ContainerFields;

namespace Provision.Drivers.Container;

/// <summary>The root, what is mounted in it, and device nodes.</summary>
internal static class RootfsCheck
{
    /// <summary>Whoever can write there commands this host's Provision; whoever can read there sees every container's secrets.</summary>
    private static readonly string[] Own = ["/etc/provision", "/run/provision", "/var/run/provision", "/var/lib/provision"];

    private const string HostCgroups = "/sys/fs/cgroup";

    private static readonly string[] MadeForAll = ["/", "/proc", "/sys", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue"];

    public static void Check(ContainerProblems check)
    {
        Root(check);
        foreach (var mount in check.Spec.Objects(Mounts))
            Mount(check, mount, $"{Mounts.Path}[{mount.Text(MountTarget)}]");
        foreach (var path in check.Spec.Objects(Devices).Select(static d => d.Text(DevicePath)!))
            if (!path.StartsWith("/dev/", StringComparison.Ordinal))
                check.Error(ContainerCodes.DevicePath, $"{Devices.Path}[{path}]", $"{path} does not lie below /dev, where a container's device nodes are");
    }

    private static void Root(ContainerProblems check)
    {
        var root = check.Spec.Get(Rootfs) as ObjectValue;
        foreach (var form in new[] { "archive", "image" })
            if (root?[form] is { } source)
                check.Error(ContainerCodes.RootfsNotYet, $"{Rootfs.Path}.{form}", $"this version cannot unpack {source}: it knows rootfs host and directory",
                    "unpack it into a directory, and name that");
        var isHost = root is null || root["host"] is not null;
        if (isHost && root?["overlay"] is FlagValue { Flag: false } && root["readOnly"] is not FlagValue { Flag: true })
            check.Error(ContainerCodes.Unlaunchable, $"{Rootfs.Path}.overlay", "the host's files are shared read-only or below an overlay: the container would write them",
                "leave overlay out, or add readOnly: true");
        if (root?["directory"]?.ToString() is { } directory && Covers(directory) is { } own)
            check.Error(ContainerCodes.OwnDirectories, $"{Rootfs.Path}.directory", $"{directory} would show {own} to the container",
                directory == "/" ? "the host's files without it are rootfs: {host: {}}" : null);
    }

    private static void Mount(ContainerProblems check, ObjectValue mount, string path)
    {
        var (source, target) = (mount.Text(MountSource), mount.Text(MountTarget)!);
        var bind = (mount.Text(MountType) ?? "bind") == "bind";
        if (bind && source is null)
            check.Error(ContainerCodes.MountMembers, path, $"the bind mount at {target} has no source");
        if (!bind && source is not null)
            check.Error(ContainerCodes.MountMembers, $"{path}.source", $"the tmpfs at {target} has a source, and a tmpfs is memory");
        foreach (var field in new[] { MountSize, MountMode })
            if (bind && mount.Get(field) is not null)
                check.Error(ContainerCodes.MountMembers, $"{path}.{field.Name}", $"the bind mount at {target} has a {field.Name}, which only a tmpfs has");
        if (MadeForAll.Contains(target))
            check.Error(ContainerCodes.MountTarget, $"{path}.target", $"every container has a {target} of its own; nothing is mounted over it");
        else if (Within(target, "/proc") || Within(target, "/sys"))
            check.Error(ContainerCodes.MountTarget, $"{path}.target", $"every container has /proc and /sys of its own; nothing is mounted below, at {target}");
        if (!bind || source is null)
            return;
        if (Covers(source) is { } own)
            check.Error(ContainerCodes.OwnDirectories, $"{path}.source", $"the bind mount of {source} would give {own} to the container",
                "bind what the container needs, and no more");
        else if (mount.Flag(MountReadOnly) != true && (Within(source, HostCgroups) || Within(HostCgroups, source)))
            check.Error(ContainerCodes.OwnDirectories, $"{path}.source", $"the bind mount of {source} would let the container write the host's cgroups",
                "add readOnly: true");
    }

    // One of Provision's directories that lies in the path, or that the path lies in.
    private static string? Covers(string path) => Array.Find(Own, own => Within(own, path) || Within(path, own));

    private static bool Within(string path, string outer) =>
        outer == "/" || path == outer || path.StartsWith(outer + "/", StringComparison.Ordinal);
}
