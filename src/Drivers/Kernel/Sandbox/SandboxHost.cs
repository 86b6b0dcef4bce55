using System.Collections.Immutable;

namespace Provision.Kernel.Sandbox;

/// <summary>What a program depends on beyond its specification.</summary>
/// <param name="UnifiedMount">Where cgroup v2 is mounted; null: nowhere.</param>
/// <param name="IntoCgroup">
/// Children are born in their v2 cgroup (CLONE_INTO_CGROUP). Otherwise they move there, which a cgroup that was killed
/// with cgroup.kill before needs: Linux 6.18 kills a child at once that is born into such a one from outside.
/// </param>
public sealed record SandboxHost(string? UnifiedMount, bool IntoCgroup = true)
{
    /// <summary>Where cgroup hierarchies are mounted: directories below are opened from there and lead nowhere else.</summary>
    public ImmutableArray<string> CgroupMounts { get; init; } = [];

    /// <summary>This host.</summary>
    public static SandboxHost Discover() => Of(CgroupLayout.Discover());

    public static SandboxHost Of(CgroupLayout layout) =>
        new(layout.Unified?.MountPoint) { CgroupMounts = [.. layout.Hierarchies.Select(static h => h.MountPoint)] };

    /// <summary>Opens a cgroup's directory, or a file right in it.</summary>
    /// <exception cref="Provision.Reconciler.KernelException">It cannot be opened, or a link or a mount lies on the way (ELOOP, EXDEV).</exception>
    internal Fd OpenCgroup(string directory, string file, int flags)
    {
        // Those of hierarchies that nobody manages are found from the top.
        var mount = CgroupMounts.Where(m => directory.StartsWith(m + "/", StringComparison.Ordinal)).MaxBy(static m => m.Length) ?? "";
        var (root, errno) = Sys.Open(Libc.AT_FDCWD, mount + "/", Libc.O_PATH | Libc.O_DIRECTORY);
        if (root is null)
            throw Sys.Failure("open", mount, errno);
        using (root)
        {
            // v1 has other hierarchies' links beside it, never below.
            var (opened, refused) = Beneath.Open(root, directory[(mount.Length + 1)..] + file, flags, Resolve.NoSymlinks | (mount.Length == 0 ? 0 : Resolve.NoMounts));
            return opened ?? throw Sys.Failure("open", directory + file, refused);
        }
    }

    /// <summary>True for a directory of the v2 hierarchy.</summary>
    public bool IsUnified(string directory) =>
        UnifiedMount is not null && directory.StartsWith(UnifiedMount + "/", StringComparison.Ordinal);
}
