using Provision.Kernel.Seccomp;

namespace Provision.Drivers.Tests.Container;

/// <summary>Shows the filters that it is given, and notes who was asked for.</summary>
internal sealed class FakeFilters : IFilterReader
{
    public List<string> Asked { get; } = [];

    public List<TaskFilters> Tasks { get; } = [];

    public string? Note { get; set; }

    /// <summary>A program of so many instructions that allow.</summary>
    public static SeccompProgram Program(int length) => new([.. Enumerable.Repeat(new SockFilter(SockFilter.Return, 0, 0, SeccompAction.Allow.Value), length)]);

    /// <summary>A process with filters of these lengths, oldest first; the model's own has one instruction.</summary>
    public void Add(int pid, params int[] lengths) => Tasks.Add(new TaskFilters(pid, pid, 1, false, lengths.Length) { Programs = [.. lengths.Select(Program)] });

    public LiveFilters Read(string cgroup, bool confined)
    {
        Asked.Add(cgroup);
        return new LiveFilters([.. Tasks], Note);
    }
}
