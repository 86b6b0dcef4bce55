using Provision.Kernel.Sandbox;
using Provision.Kernel.Seccomp;
using Provision.Spec;

namespace Provision.Drivers.Tests.Container;

/// <summary>Shows the filters that it is given, and notes who was asked for.</summary>
internal sealed class FakeFilters : IFilterReader
{
    public List<string> Asked { get; } = [];

    public List<TaskFilters> Tasks { get; } = [];

    public string? Note { get; set; }

    /// <summary>A program of so many instructions that allow.</summary>
    public static SeccompProgram Program(int length) => new([.. Enumerable.Repeat(new SockFilter(SockFilter.Return, 0, 0, SeccompAction.Allow.Value), length)]);

    /// <summary>What a container of the model is started with unless its manifest says otherwise.</summary>
    public static SeccompProgram Own { get; } = new SeccompFilters(static () => FakeHost.Kernel).For(null, Capability.Docker, noNewPrivileges: true, new DiagnosticBag())!;

    /// <summary>A process with these filters, oldest first.</summary>
    public void Add(int pid, params SeccompProgram[] programs) => Tasks.Add(new TaskFilters(pid, pid, 1, false, programs.Length) { Programs = [.. programs] });

    public LiveFilters Read(string cgroup, bool confined)
    {
        Asked.Add(cgroup);
        return new LiveFilters([.. Tasks], Note);
    }
}
