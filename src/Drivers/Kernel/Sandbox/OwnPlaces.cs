using System.Globalization;
using Provision.Reconciler;

namespace Provision.Kernel.Sandbox;

/// <summary>
/// Refuses to give a container what commands this host's Provision, or the host: told by file systems and directories in
/// them, as /proc/self/mountinfo has them, since a path may lead there by a link or another mount.
/// </summary>
internal static class OwnPlaces
{
    private static readonly string[] Own = ["/etc/provision", "/run/provision", "/var/lib/provision"];

    // Whoever writes there, with whatever rights inside, changes the host.
    private static readonly string[] Control =
        ["bpf", "cgroup", "cgroup2", "configfs", "debugfs", "efivarfs", "proc", "pstore", "securityfs", "selinuxfs", "sysfs", "tracefs"];

    /// <summary>A directory of a file system, wherever it is mounted.</summary>
    private sealed record Place(string Device, string Path)
    {
        /// <summary>True when one lies in the other.</summary>
        public bool Meets(Place other) => Device == other.Device && (Within(Path, other.Path) || Within(other.Path, Path));
    }

    /// <summary>Null when the open place may be given to a container.</summary>
    /// <param name="path">As the manifest has it.</param>
    /// <param name="recursive">With what is mounted below.</param>
    public static KernelError? Refusal(Fd place, string path, bool recursive, bool writable)
    {
        var (table, errno) = Text("/proc/self/mountinfo");
        if (table is null)
            return new KernelError("open", "/proc/self/mountinfo", null, errno);
        var mounts = MountInfo.Parse(table);
        if (Find(place, mounts) is not { } at)
            return new KernelError("bind", path, null, Errno.EINVAL, "it lies in no mount of this host");
        var given = new List<(Mount Mount, Place Place)> { (at.Mount, at.Place) };
        if (recursive)
            given.AddRange(mounts.Where(m => m != at.Mount && Within(m.Path, at.Path)).Select(static m => (m, new Place(m.Device, m.Root))));
        foreach (var own in Own)
            foreach (var ours in Places(own, mounts))
                if (given.Exists(g => g.Place.Meets(ours)))
                    return new KernelError("bind", path, null, Errno.EPERM, $"it would give {own} to the container");
        return writable && given.Find(static g => Control.Contains(g.Mount.FileSystem)) is { Mount: { } control }
            ? new KernelError("bind", path, null, Errno.EPERM, $"it would let the container write the host's {control.FileSystem} at {control.Path}; add readOnly: true")
            : null;
    }

    // Where one of our directories lies, and what is mounted in it; nothing when it is not there.
    private static IEnumerable<Place> Places(string own, IReadOnlyList<Mount> mounts)
    {
        var (opened, _) = Sys.Open(Libc.AT_FDCWD, own, Libc.O_PATH | Libc.O_DIRECTORY);
        if (opened is null)
            return [];
        using (opened)
            return Find(opened, mounts) is { } found ? [found.Place, .. mounts.Where(m => Within(m.Path, found.Path)).Select(static m => new Place(m.Device, m.Root))] : [];
    }

    private static (Mount Mount, Place Place, string Path)? Find(Fd opened, IReadOnlyList<Mount> mounts)
    {
        var number = opened.Number.ToString(CultureInfo.InvariantCulture);
        var id = Text($"/proc/self/fdinfo/{number}").Text?.Split('\n').FirstOrDefault(static l => l.StartsWith("mnt_id:", StringComparison.Ordinal))?["mnt_id:".Length..].Trim();
        var path = new FileInfo($"/proc/self/fd/{number}").LinkTarget;
        if (path is null || mounts.FirstOrDefault(m => m.Id == id) is not { } mount || !Within(path, mount.Path))
            return null;
        var below = mount.Path == "/" ? path : path[mount.Path.Length..];
        return (mount, new Place(mount.Device, $"{mount.Root.TrimEnd('/')}/{below.Trim('/')}"), path);
    }

    private static bool Within(string path, string outer) =>
        outer.TrimEnd('/') is var top && (path.TrimEnd('/') == top || path.StartsWith(top + "/", StringComparison.Ordinal));

    private static (string? Text, int Errno) Text(string path)
    {
        var (file, errno) = Sys.Open(Libc.AT_FDCWD, path, Libc.O_RDONLY);
        if (file is null)
            return (null, errno);
        using (file)
            return Sys.ReadAll(file);
    }
}
