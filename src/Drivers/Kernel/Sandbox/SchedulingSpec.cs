namespace Provision.Kernel.Sandbox;

/// <summary>How a process is scheduled, and as what it executes.</summary>
/// <param name="Scheduler">Null: as the one who launches.</param>
/// <param name="IoPriority">As ioprio_set(2) takes it: the class from bit 13 on, the level below.</param>
/// <param name="Personality">Execution domain (personality(2)): 0 Linux, 8 32-bit Linux.</param>
public sealed record SchedulingSpec(SchedulerSpec? Scheduler, int? IoPriority, uint? Personality);

/// <summary>struct sched_attr (sched_setattr(2)).</summary>
/// <param name="Name">SCHED_OTHER, …</param>
/// <param name="Flags">SCHED_FLAG_*.</param>
/// <param name="Nice">−20 to 19; of SCHED_OTHER and SCHED_BATCH.</param>
/// <param name="Priority">1 to 99; of SCHED_FIFO and SCHED_RR.</param>
/// <param name="Runtime">ns; this and the next two of SCHED_DEADLINE.</param>
/// <param name="Deadline">ns.</param>
/// <param name="Period">ns; 0: the deadline.</param>
public sealed record SchedulerSpec(string Name, ulong Flags, int Nice, uint Priority, ulong Runtime, ulong Deadline, ulong Period)
{
    private static readonly (string Name, uint Number)[] Policies =
        [("SCHED_OTHER", 0), ("SCHED_FIFO", 1), ("SCHED_RR", 2), ("SCHED_BATCH", 3), ("SCHED_IDLE", 5), ("SCHED_DEADLINE", 6)];

    /// <summary>By name; null when there is none.</summary>
    public static uint? Policy(string name) => Array.Exists(Policies, p => p.Name == name) ? Policies.First(p => p.Name == name).Number : null;
}
