using System.Text.Json;

namespace Provision.Kernel.Supervise;

/// <summary>What a container is doing, as its supervisor last wrote it down.</summary>
public enum RunState
{
    /// <summary>Being launched: what is in the cgroup belongs to nobody yet.</summary>
    Starting,

    Running,

    /// <summary>Being asked to end.</summary>
    Stopping,

    /// <summary>Ended, to be started again after a wait.</summary>
    Waiting,

    /// <summary>Ended by itself, and not started again.</summary>
    Exited,

    /// <summary>Ended because it was told to.</summary>
    Stopped,

    /// <summary>Could not be started, or used up its restarts.</summary>
    Failed,
}

/// <summary>How a container's first process ended.</summary>
/// <param name="Status">Exit status, 128 + signal for a signal; null when nobody saw it: unknown, never 0.</param>
/// <param name="OomKilled">The kernel killed something in its cgroup for want of memory while it ran.</param>
/// <param name="At">Unix time in milliseconds when it was noticed.</param>
public sealed record ContainerExit(int? Status, bool OomKilled, long At);

/// <summary>
/// The extended attribute <c>trusted.provision.run</c> of a container's leaf cgroup (primary hierarchy): who its first
/// process is and what became of earlier ones. A pid alone proves nothing: it is compared with its start time.
/// </summary>
/// <param name="Pid">In the host's pid namespace; 0 when none runs.</param>
/// <param name="StartTime">Field 22 of /proc/PID/stat, in clock ticks since boot; 0 when none runs.</param>
/// <param name="StartedAt">Unix time in milliseconds; 0 when it never ran.</param>
/// <param name="Restarts">Since it was ordered.</param>
/// <param name="InARow">Restarts without a healthy run between them.</param>
/// <param name="OomBaseline">OOM kills counted in its cgroup before this run.</param>
public sealed record ContainerRun(
    RunState State, int Pid, ulong StartTime, long StartedAt, int Restarts, int InARow, ulong OomBaseline)
{
    /// <summary>Name of the attribute.</summary>
    public const string Attribute = CgroupMarks.Prefix + "run";

    private const int TroubleMax = 4096;

    /// <summary>How the last run ended; null before the first end.</summary>
    public ContainerExit? LastExit { get; init; }

    /// <summary>Why it could not be started, or what its log lacks; null when all is well.</summary>
    public string? Trouble { get; init; }

    /// <summary>Unix time in milliseconds of the next start; null unless <see cref="RunState.Waiting"/>.</summary>
    public long? NextStart { get; init; }

    /// <summary>Fits into an extended attribute whatever <see cref="Trouble"/> says: a character takes 6 bytes at most.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        Trouble?.Length > TroubleMax ? this with { Trouble = Trouble[..TroubleMax] + "…" } : this, SuperviseJson.Default.ContainerRun);

    /// <summary>Null for text that is no run record.</summary>
    public static ContainerRun? Parse(string? text)
    {
        try
        {
            return text is null || JsonSerializer.Deserialize(text, KeptJson.Default.ContainerRun) is not { } run ? null : NullCheck.Whole(run);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
