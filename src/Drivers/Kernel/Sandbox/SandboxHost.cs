namespace Provision.Kernel.Sandbox;

/// <summary>What a program depends on beyond its specification.</summary>
/// <param name="UnifiedMount">Where cgroup v2 is mounted; null: nowhere.</param>
/// <param name="IntoCgroup">
/// Children are born in their v2 cgroup (CLONE_INTO_CGROUP). Otherwise they move there, which a cgroup that was killed
/// with cgroup.kill before needs: Linux 6.18 kills a child at once that is born into such a one from outside.
/// </param>
public sealed record SandboxHost(string? UnifiedMount, bool IntoCgroup = true)
{
    /// <summary>This host.</summary>
    public static SandboxHost Discover() => new(CgroupLayout.Discover().Unified?.MountPoint);

    /// <summary>True for a directory of the v2 hierarchy.</summary>
    public bool IsUnified(string directory) =>
        UnifiedMount is not null && directory.StartsWith(UnifiedMount + "/", StringComparison.Ordinal);
}
