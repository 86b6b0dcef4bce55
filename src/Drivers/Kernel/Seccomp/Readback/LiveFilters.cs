using System.Collections.Immutable;

namespace Provision.Kernel.Seccomp;

/// <summary>The filters of a thread, and of those of its process that have as many.</summary>
/// <param name="Task">The thread that was looked at; a process's first has its pid.</param>
/// <param name="Threads">How many threads this stands for, itself included.</param>
/// <param name="IsStrict">Seccomp's strict mode, in which there are no filters.</param>
/// <param name="Count">As the kernel counts them; null where it does not (Linux before 5.9).</param>
public sealed record TaskFilters(int Pid, int Task, int Threads, bool IsStrict, int? Count)
{
    /// <summary>Oldest first, as the kernel holds them; null when they were only counted.</summary>
    public ImmutableArray<SeccompProgram>? Programs { get; init; }

    /// <summary>Why they were only counted.</summary>
    public string? Why { get; init; }
}

/// <summary>The filters of everything that runs in a cgroup.</summary>
/// <param name="Note">What was left out; null when nothing was.</param>
public sealed record LiveFilters(ImmutableArray<TaskFilters> Tasks, string? Note);

/// <summary>
/// Reads filters back from running processes. It changes nothing in the kernel, but it stops each of them for a moment:
/// a system call in which one waits may end in EINTR. So it is apart from the readers that leave no trace, and only
/// for who asked for it.
/// </summary>
public interface IFilterReader
{
    /// <summary>Of every process in the cgroup and below it; what ends meanwhile is as if it had not been there.</summary>
    /// <param name="cgroup">Relative to the hierarchies' mount points.</param>
    /// <param name="confined">
    /// Everything in it should have a filter: a process without one that has executed nothing yet is on its way in, and
    /// is waited for.
    /// </param>
    LiveFilters Read(string cgroup, bool confined);
}
