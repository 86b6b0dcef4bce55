namespace Provision.Kernel.Sandbox;

public enum MountKind
{
    /// <summary>A file or directory of the host, with the mounts below it.</summary>
    Bind,

    /// <summary>Memory.</summary>
    Tmpfs,
}

/// <summary>A mount inside the container. A target that is missing is made.</summary>
/// <param name="Source">Absolute host path; with <see cref="MountKind.Bind"/> and never without.</param>
/// <param name="Target">Absolute, inside; resolved inside the root whatever links lie there.</param>
/// <param name="SizeBytes">Of a tmpfs; null: half of the memory, as the kernel has it.</param>
/// <param name="Mode">Of a tmpfs' own directory; null: 1777.</param>
public sealed record MountSpec(
    MountKind Kind,
    string? Source,
    string Target,
    bool ReadOnly = false,
    bool NoExec = false,
    bool NoSuid = true,
    bool NoDev = true,
    ulong? SizeBytes = null,
    uint? Mode = null);
