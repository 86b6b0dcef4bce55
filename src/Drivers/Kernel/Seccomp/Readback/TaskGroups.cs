using System.Globalization;

namespace Provision.Kernel.Seccomp;

/// <summary>Threads of a process that have as many filters in the same mode; one is looked at for all.</summary>
/// <param name="Task">The process's first thread where it is one of them.</param>
internal sealed record TaskGroup(int Task, int Threads, ThreadStatus Status);

internal static class TaskGroups
{
    /// <summary>Of a process's living threads; empty when it is gone. A process lives on when its first thread has ended.</summary>
    /// <param name="most">No more threads than this are asked.</param>
    public static IReadOnlyList<TaskGroup> Of(int pid, int most)
    {
        var groups = new Dictionary<(int, int?), TaskGroup>();
        foreach (var task in Tasks(pid).Take(most))
            if (ThreadStatus.Read(pid, task) is { IsEnded: false } status)
                groups[(status.Mode, status.Filters)] = groups.TryGetValue((status.Mode, status.Filters), out var group)
                    ? group with { Threads = group.Threads + 1 }
                    : new TaskGroup(task, 1, status);
        return [.. groups.Values];
    }

    // In the order of their numbers, as procfs lists them.
    private static IEnumerable<int> Tasks(int pid)
    {
        try
        {
            return [.. Directory.EnumerateDirectories(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/task"))
                .Select(static path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture)).OrderBy(task => task != pid)];
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
