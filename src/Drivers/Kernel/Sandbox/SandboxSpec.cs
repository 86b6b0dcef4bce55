namespace Provision.Kernel.Sandbox;

/// <summary>
/// All that a container's first process gets, in the kernel's terms: plain data that a supervisor can be sent and that
/// compiles to a launch program. Paths "inside" are absolute paths in the container's root; host paths are absolute
/// paths of the one who launches.
/// </summary>
public sealed record SandboxSpec
{
    /// <summary>For errors only: <c>web-1</c>.</summary>
    public required string Name { get; init; }

    public required RootSpec Root { get; init; }

    public required NamespaceSet Namespaces { get; init; }

    /// <summary>How users and groups inside map to those of the host; with a private user namespace and never without.</summary>
    public IdMaps? IdMaps { get; init; }

    /// <summary>Mounted in this order, after /proc, /sys and /dev.</summary>
    public IReadOnlyList<MountSpec> Mounts { get; init => field = value ?? []; } = [];

    /// <summary>Beyond /dev/null, zero, full, random, urandom and tty, which each container has.</summary>
    public IReadOnlyList<DeviceSpec> Devices { get; init => field = value ?? []; } = [];

    /// <summary>argv; [0] is the executable, looked for in PATH of <see cref="Env"/> when it has no slash.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>The whole environment, each <c>NAME=VALUE</c>.</summary>
    public IReadOnlyList<string> Env { get; init => field = value ?? []; } = [];

    /// <summary>Absolute, inside.</summary>
    public string WorkingDirectory { get; init => field = value ?? "/"; } = "/";

    public UserSpec User { get; init => field = value ?? new UserSpec(); } = new();

    /// <summary>Null: as it is in the UTS namespace. Only with a private one.</summary>
    public string? Hostname { get; init; }

    public IReadOnlyList<RlimitSpec> Rlimits { get; init => field = value ?? []; } = [];

    /// <summary>Only those of the container's own network and IPC namespaces.</summary>
    public IReadOnlyList<SysctlSpec> Sysctls { get; init => field = value ?? []; } = [];

    /// <summary>−1000 to 1000; null: 0, whatever the one who launches has.</summary>
    public int? OomScoreAdj { get; init; }

    /// <summary>Null: as the one who launches.</summary>
    public SchedulingSpec? Scheduling { get; init; }

    /// <summary>Absolute directories, made before: one a v1 hierarchy and the unified one.</summary>
    public IReadOnlyList<string> CgroupDirectories { get; init => field = value ?? []; } = [];

    public SecuritySpec Security { get; init => field = value ?? SecuritySpec.Default; } = SecuritySpec.Default;

    /// <summary>Made by the supervisor before the start gate; the program itself only brings up lo.</summary>
    public IReadOnlyList<NetworkAttachment> Networks { get; init => field = value ?? []; } = [];
}
