using Provision.Kernel.Sandbox;

namespace Provision.Kernel.Runtime;

/// <summary>What a bundle's specification must not say; the first mistake is told.</summary>
public static class RuntimeCheck
{
    // Made of nothing, and harmless to whoever else has one.
    private static readonly string[] FileSystems = ["proc", "sysfs", "tmpfs", "devpts", "mqueue", "ramfs"];

    /// <summary>The types of mounts there are.</summary>
    public static bool IsKnownType(string type) => type is RuntimeMount.Bind or RuntimeMount.Cgroup || FileSystems.Contains(type);

    /// <exception cref="SandboxException">It says so.</exception>
    internal static void Check(RuntimeSpec runtime)
    {
        var spec = runtime.Sandbox;
        // Sysctls are the caller's own to say; those of namespaces that are not the container's were refused where they stand.
        SandboxCheck.Check(spec with { Sysctls = [], Hostname = null });
        if (Problem(runtime) is { } reason)
            throw new SandboxException(spec.Name, reason);
    }

    private static string? Problem(RuntimeSpec runtime)
    {
        var spec = runtime.Sandbox;
        if (spec.Root is not { Kind: RootKind.Directory, Overlay: false } || spec.Mounts.Count + spec.Devices.Count + spec.Networks.Count > 0)
            return "a bundle's root is a directory, and its mounts and devices are its own";
        foreach (var mount in runtime.Mounts)
        {
            if (!IsInside(mount.Target))
                return $"mount {mount.Target}: a target is an absolute path without . and .., and not /";
            if (!IsKnownType(mount.Type))
                return $"mount {mount.Target}: a file system of type {mount.Type} is not for containers";
            if (mount.Type == RuntimeMount.Bind && mount.Source?.StartsWith('/') != true)
                return $"mount {mount.Target}: a bind has an absolute source";
        }

        if (runtime.Mounts.All(static m => m.Target != "/dev"))
            return "nothing is mounted on /dev: the nodes of devices would be made in the root's own files";
        if (runtime.Terminal && !RuntimeMounts.HasTerminals(runtime))
            return "a terminal needs a devpts mounted on /dev/pts";
        foreach (var device in runtime.Devices)
            if (!IsInside(device.Path) || !device.Path.StartsWith("/dev/", StringComparison.Ordinal))
                return $"device {device.Path}: a device lies below /dev";
        return null;
    }

    private static bool IsInside(string path) =>
        path.StartsWith('/') && path.TrimEnd('/').Length > 0 && path.Trim('/').Split('/').All(static p => p is not ("" or "." or ".."));
}
