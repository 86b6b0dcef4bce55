using System.Text.RegularExpressions;

namespace Provision.Kernel.Sandbox;

/// <summary>What a specification must not say; the first mistake is told.</summary>
internal static partial class SandboxCheck
{
    private const int InstructionSize = 8;
    private const int MostInstructions = 4096;

    public static void Check(SandboxSpec spec)
    {
        var reason = Namespaces(spec) ?? Root(spec.Root) ?? Places(spec) ?? Sysctls(spec) ?? Rest(spec);
        if (reason is not null)
            throw new SandboxException(spec.Name, reason);
    }

    private static string? Namespaces(SandboxSpec spec)
    {
        var set = spec.Namespaces;
        foreach (var choice in new[] { set.Pid, set.Net, set.Ipc, set.Uts, set.Mnt, set.Cgroup, set.User, set.Time })
            if ((choice.Kind == NamespaceKind.Path) != (choice.Path is not null) || choice.Path?.StartsWith('/') == false)
                return "a namespace has an absolute path when it is that of a path, and only then";
        if (set.Mnt.Kind != NamespaceKind.Private)
            return "the mnt namespace must be private: root, /proc and masked paths are mounts of the container's own";
        if (set.Time.Kind == NamespaceKind.Path)
            return "a time namespace cannot be joined: the kernel refuses it (EUSERS) to a process that shares memory, as every one does until it executes";
        if ((set.User.Kind == NamespaceKind.Private) != (spec.IdMaps is not null))
            return "a private user namespace needs id maps, and others take none";
        if (spec.IdMaps is { } maps && !(maps.Uid.Any(static r => r.Container == 0) && maps.Gid.Any(static r => r.Container == 0)))
            return "id maps must map user 0 and group 0 of the container, who make its root";
        return null;
    }

    private static string? Root(RootSpec root)
    {
        if ((root.Kind == RootKind.Directory) != (root.Directory is not null) || root.Directory?.StartsWith('/') == false)
            return "a root directory is an absolute path, and the host's root has none";
        if (root.Kind == RootKind.Host && !root.ReadOnly && !root.Overlay)
            return "the host's root is shared read-only or below an overlay";
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
        foreach (var path in spec.Root.Hidden.Concat(spec.Security.MaskedPaths).Concat(spec.Security.ReadonlyPaths))
            if (!Inside(path))
                return $"{path}: covered paths are absolute, without . and .., and not /";
        return spec.WorkingDirectory.StartsWith('/') ? null : $"working directory {spec.WorkingDirectory} is not absolute";
    }

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
