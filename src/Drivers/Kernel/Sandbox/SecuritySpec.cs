using System.Text.Json.Serialization;

namespace Provision.Kernel.Sandbox;

/// <summary>The five capability sets (capabilities(7)); bit n is capability number n.</summary>
public sealed record CapabilitySets(ulong Bounding, ulong Permitted, ulong Effective, ulong Inheritable, ulong Ambient)
{
    /// <summary>Bounding, permitted and effective alike, nothing inheritable: what a container of root has.</summary>
    public static CapabilitySets Of(ulong mask) => new(mask, mask, mask, 0, 0);
}

/// <summary>What confines the first process.</summary>
public sealed record SecuritySpec
{
    public CapabilitySets Capabilities { get; init => field = value ?? CapabilitySets.Of(Capability.Docker); } = CapabilitySets.Of(Capability.Docker);

    /// <summary>PR_SET_NO_NEW_PRIVS.</summary>
    public required bool NoNewPrivileges { get; init; }

    /// <summary>Absolute, inside: a file is covered by /dev/null, a directory by an empty read-only tmpfs, a missing one passed over.</summary>
    public IReadOnlyList<string> MaskedPaths { get; init => field = value ?? []; } = [];

    /// <summary>Absolute, inside: made read-only with what is mounted below; a missing one is passed over.</summary>
    public IReadOnlyList<string> ReadonlyPaths { get; init => field = value ?? []; } = [];

    /// <summary>A classic BPF program as an array of struct sock_filter (8 bytes each); null: none.</summary>
    public byte[]? SeccompFilter { get; init; }

    /// <summary>SECCOMP_FILTER_FLAG_* that the filter is loaded with (seccomp(2)).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public uint SeccompFlags { get; init; }

    /// <summary>
    /// Calls that the launch makes after it loaded the filter, which must let them through: execve alone with
    /// no_new_privs; without, the filter comes before the rights that loading it takes are given up.
    /// </summary>
    public static IReadOnlyList<string> CallsUnderFilter(bool noNewPrivileges) => noNewPrivileges
        ? ["execve"]
        : ["capset", "close_range", "execve", "prctl", "rt_sigaction", "rt_sigprocmask", "setgroups", "setresgid", "setresuid"];

    /// <summary>What exec transitions to (/proc/thread-self/attr/exec); null: none.</summary>
    public string? SelinuxLabel { get; init; }

    /// <summary>
    /// What the file systems that are made for the container are labelled with: memory, terminals, the writable layer of the
    /// root. Null: as the policy labels them.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SelinuxFileLabel { get; init; }

    /// <summary>The profile that exec changes to; null: none.</summary>
    public string? AppArmorProfile { get; init; }

    /// <summary>Docker's capabilities, no_new_privs, its masked and read-only paths; no filter.</summary>
    public static SecuritySpec Default { get; } = new()
    {
        NoNewPrivileges = true,
        MaskedPaths =
        [
            "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug",
            "/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware",
        ],
        ReadonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
    };
}
