using Provision.Kernel.Sandbox;
using Provision.Kernel.Terminals;

namespace Provision.Kernel.Runtime;

/// <summary>How changes of mounts travel between a mount and others (mount_namespaces(7)); MS_*.</summary>
public enum MountPropagation : uint
{
    /// <summary>As it is.</summary>
    Unchanged = 0,
    Unbindable = 1 << 17,
    Private = 1 << 18,
    Slave = 1 << 19,
    Shared = 1 << 20,
}

/// <param name="Key">Of the file system: <c>size</c>.</param>
/// <param name="Value">Null: a flag.</param>
public sealed record MountOption(string Key, string? Value);

/// <summary>One mount of a bundle.</summary>
/// <param name="Type"><c>bind</c>, <c>cgroup</c>, or a file system that the kernel makes of nothing.</param>
/// <param name="Source">Absolute host path of a bind; else a name for /proc/self/mountinfo, null: none.</param>
/// <param name="Target">Absolute, inside; resolved inside the root whatever links lie there. Made when it is missing.</param>
public sealed record RuntimeMount(string Type, string? Source, string Target)
{
    public const string Bind = "bind", Cgroup = "cgroup";

    /// <summary>Of the mount itself.</summary>
    public MountAttr Set { get; init; }

    /// <summary>Of a bind, whose source has flags: those that it shall not have.</summary>
    public MountAttr Clear { get; init; }

    /// <summary>Of a bind and of what is mounted below.</summary>
    public MountAttr SetBelow { get; init; }

    public MountAttr ClearBelow { get; init; }

    /// <summary>A bind brings what is mounted below its source.</summary>
    public bool Recursive { get; init; }

    public MountPropagation Propagation { get; init; }

    /// <summary>The propagation is that of mounts below as well.</summary>
    public bool PropagationBelow { get; init; }

    /// <summary>What lies at its target was to be copied into it: nothing may lie there.</summary>
    public bool CopiesUp { get; init; }

    /// <summary>Of the file system.</summary>
    public IReadOnlyList<MountOption> Options { get; init; } = [];
}

/// <summary>
/// What an OCI bundle asks for, in the kernel's terms. Mounts and devices are those told here: nothing is added to them
/// but what every runtime adds.
/// </summary>
public sealed record RuntimeSpec
{
    /// <summary>Identity, namespaces, limits and profile. Its own mounts and devices stay empty, its root is a directory without overlay.</summary>
    public required SandboxSpec Sandbox { get; init; }

    /// <summary>In this order, but that /proc and /sys and what lies there come last.</summary>
    public IReadOnlyList<RuntimeMount> Mounts { get; init; } = [];

    /// <summary>Nodes below /dev beside those that every container has, or in their place; none is made where /dev is a bind.</summary>
    public IReadOnlyList<DeviceSpec> Devices { get; init; } = [];

    /// <summary>Of the root's mount, as the process finds it.</summary>
    public MountPropagation RootPropagation { get; init; }

    /// <summary>NIS domain name; null: as it is.</summary>
    public string? Domainname { get; init; }

    /// <summary>File mode creation mask: <c>18</c> is 0022.</summary>
    public uint Umask { get; init; } = 18;

    /// <summary>Standard streams are a terminal of its own.</summary>
    public bool Terminal { get; init; }

    public TerminalSize? TerminalSize { get; init; }

    /// <summary>It stays in the session keyring of whoever starts it.</summary>
    public bool KeepsKeyring { get; init; }

    /// <summary>How many descriptors from 3 on it gets.</summary>
    public int KeptFiles { get; init; }
}
