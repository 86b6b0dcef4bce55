using System.Text.RegularExpressions;

namespace Provision.Kernel.Sandbox;

/// <summary>What a specification must not say; the first mistake is told.</summary>
public static partial class SandboxCheck
{
    private const int InstructionSize = 8;
    private const int MostInstructions = 4096;

    /// <exception cref="SandboxException">It says so.</exception>
    public static void Check(SandboxSpec spec)
    {
        if ((Named(spec.Namespaces) ?? Problem(spec)) is { } reason)
            throw new SandboxException(spec.Name, reason);
    }

    /// <summary>
    /// The same of a specification before its launch, whose namespaces may still be named by containers; null when there is
    /// nothing wrong.
    /// </summary>
    public static string? Problem(SandboxSpec spec) =>
        Namespaces(spec) ?? Root(spec.Root) ?? Places(spec) ?? Sysctls(spec) ?? Rest(spec);

    /// <summary>What a process that enters a running container must not say; null when there is nothing wrong.</summary>
    public static string? EntryProblem(SandboxSpec spec) => Directory(spec) ?? Rest(spec);

    private static string? Named(NamespaceSet set)
    {
        foreach (var choice in All(set))
            if (choice.Path?.StartsWith('/') == false)
                return $"a namespace has an absolute path when it is that of a path, and {choice.Path} is none";
        return null;
    }

    private static NamespaceChoice[] All(NamespaceSet set) => [set.Pid, set.Net, set.Ipc, set.Uts, set.Mnt, set.Cgroup, set.User, set.Time];

    private static string? Namespaces(SandboxSpec spec)
    {
        var set = spec.Namespaces;
        foreach (var choice in All(set))
            if ((choice.Kind == NamespaceKind.Path) != (choice.Path is not null))
                return "a namespace has an absolute path when it is that of a path, and only then";
        if (set.Mnt.Kind != NamespaceKind.Private)
            return "the mnt namespace must be private: root, /proc and masked paths are mounts of the container's own";
        if (set.Time.Kind == NamespaceKind.Path)
            return "a time namespace cannot be joined: the kernel refuses it (EUSERS) to a process that shares memory, as every one does until it executes";
        if ((set.User.Kind == NamespaceKind.Private) != (spec.IdMaps is not null))
            return "a private user namespace needs id maps, and others take none";
        if (set.User.Kind != NamespaceKind.Host && set.Pid.Kind == NamespaceKind.Host)
            return "the host's pid namespace needs the host's user namespace: only who owns it may mount its /proc";
        if (set.User.Kind == NamespaceKind.Private && set.Pid.Kind == NamespaceKind.Path)
            return "the pid namespace of others does not go with a user namespace of its own: only who owns it may mount its /proc";
        if (spec.IdMaps is { } maps && !(maps.Uid.Any(static r => r.Container == 0) && maps.Gid.Any(static r => r.Container == 0)))
            return "id maps must map user 0 and group 0 of the container, who make its root";
        return null;
    }

    private static string? Root(RootSpec root)
    {
        if ((root.Kind == RootKind.Directory) != (root.Directory is not null) || root.Directory?.StartsWith('/') == false)
            return "a root directory is an absolute path, and the host's root has none";
        // A mask on a file of the host's own falls off when the host puts another in its place (rename(2)).
        if (root.Kind == RootKind.Host && !root.Overlay)
            return "the host's root is shared below an overlay";
        if ((root.Upper is null) != (root.Work is null) || (root.Upper is not null && !root.Overlay))
            return "an overlay has both an upper and a work directory or neither, and only an overlay has them";
        if (root.Upper is null)
            return null;
        if (!root.Upper.StartsWith('/') || Path.GetDirectoryName(root.Upper) != Path.GetDirectoryName(root.Work) || root.Upper == root.Work)
            return "upper and work must be two absolute paths in the same directory, which is mounted as one";
        return (Path.GetFileName(root.Upper) + Path.GetFileName(root.Work)).AsSpan().ContainsAny(",:\\")
            ? "the names of upper and work cannot hold , : or \\, which overlayfs takes apart"
            : null;
    }

    private static string? Places(SandboxSpec spec)
    {
        foreach (var mount in spec.Mounts)
        {
            if ((mount.Kind == MountKind.Bind) != (mount.Source is not null) || mount.Source?.StartsWith('/') == false)
                return $"mount {mount.Target}: a bind has an absolute source, and only a bind";
            if (!Inside(mount.Target) || mount.Target is "/proc" or "/sys" or "/dev" || Below(mount.Target, "/proc") || Below(mount.Target, "/sys"))
                return $"mount {mount.Target}: a target is an absolute path without . and .., and neither /, /dev nor /proc, /sys or below these";
        }

        foreach (var device in spec.Devices)
            if (!Inside(device.Path) || !Below(device.Path, "/dev"))
                return $"device {device.Path}: a device lies below /dev";
        foreach (var path in spec.Root.Hidden.Where(static p => !HiddenPaths.IsPattern(p)).Concat(spec.Security.MaskedPaths).Concat(spec.Security.ReadonlyPaths))
            if (!Inside(path))
                return $"{path}: covered paths are absolute, without . and .., and not /";
        return Directory(spec);
    }

    private static string? Directory(SandboxSpec spec) =>
        spec.WorkingDirectory.StartsWith('/') ? null : $"working directory {spec.WorkingDirectory} is not absolute";

    private static string? Sysctls(SandboxSpec spec)
    {
        foreach (var sysctl in spec.Sysctls)
        {
            var path = ProcSteps.SysctlPath(sysctl.Name);
            if (path.Split('/').Any(static p => p is "" or "." or ".."))
                return $"sysctl {sysctl.Name} is no name";
            if (path.StartsWith("net/", StringComparison.Ordinal) ? spec.Namespaces.Net.Kind == NamespaceKind.Private : IpcSysctl().IsMatch(path) && spec.Namespaces.Ipc.Kind == NamespaceKind.Private)
                continue;
            return $"sysctl {sysctl.Name} does not belong to a namespace of the container's own";
        }

        return null;
    }

    private static string? Rest(SandboxSpec spec)
    {
        if (spec.Command.Count == 0 || spec.Command[0].Length == 0)
            return "the command is empty";
        if (spec.Hostname is not null && spec.Namespaces.Uts.Kind != NamespaceKind.Private)
            return "a host name needs a private uts namespace";
        if (spec.Security.SeccompFilter is { } filter && (filter.Length % InstructionSize != 0 || filter.Length / InstructionSize is 0 or > MostInstructions))
            return $"a filter has 1 to {MostInstructions} instructions of {InstructionSize} bytes";
        return spec.CgroupDirectories.All(static d => d.StartsWith('/')) ? null : "a cgroup's directory is not absolute";
    }

    private static bool Inside(string path) =>
        path.StartsWith('/') && path.TrimEnd('/').Length > 0 && path.Trim('/').Split('/').All(static p => p is not ("" or "." or ".."));

    private static bool Below(string path, string directory) => path.StartsWith(directory + "/", StringComparison.Ordinal);

    // Those of the IPC namespace, ipc_namespaces(7).
    [GeneratedRegex("^(kernel/(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)|fs/mqueue/.+)$")]
    private static partial Regex IpcSysctl();
}
