namespace Provision.Cli;

/// <summary>What the process returns; scripts lean on these numbers.</summary>
internal static class ExitCode
{
    /// <summary>Done, or no difference.</summary>
    public const int Done = 0;

    public const int Error = 1;

    /// <summary><c>plan</c>: something is to be done; <c>drift</c>: the kernel moved.</summary>
    public const int Differences = 2;

    public const int InvalidManifest = 3;

    /// <summary>Something that cannot be taken back had been done when it failed.</summary>
    public const int PartlyApplied = 4;

    public const int RolledBack = 5;

    /// <summary>A required layer is missing, or could not be verified.</summary>
    public const int LayerMissing = 6;

    /// <summary>Wrong arguments (EX_USAGE of sysexits.h).</summary>
    public const int Usage = 64;
}
