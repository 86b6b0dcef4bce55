namespace Provision.Cli;

/// <summary>A command that looks once and ends does not tidy its memory: all of it is given back at once soon.</summary>
internal static class ShortLived
{
    // What a plan of three hundred containers, cgroups and links takes; beyond it the collector works as ever.
    private const long Room = 128 << 20;

    private static readonly string[] Commands = ["plan", "diff", "apply", "drift", "status", "validate", "get", "describe", "export", "destroy"];

    /// <summary>
    /// Leaves the collector out up to a bound. Pages that are never used cost nothing. Where so much memory is not to be
    /// had (a cgroup's limit) it works from the start.
    /// </summary>
    public static void Prepare(string[] args)
    {
        if (!args.Take(1).Any(Commands.Contains))
            return;
        try
        {
            GC.TryStartNoGCRegion(Room);
        }
        catch (ArgumentOutOfRangeException)
        {
            // More than the heap may ever have.
        }
    }
}
