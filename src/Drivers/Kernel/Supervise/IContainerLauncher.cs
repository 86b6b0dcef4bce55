using Provision.Kernel.Launch;
using Provision.Kernel.Sandbox;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>A container's first process, running its program.</summary>
/// <param name="Terminal">The master of its terminal, which does not block; null when it has none.</param>
internal sealed record LaunchedContainer(int Pid, Fd Process, Fd? Terminal = null);

/// <summary>Starts containers and changes what only another namespace can change; each member may take a while.</summary>
internal interface IContainerLauncher
{
    /// <summary>Returns when the program runs.</summary>
    /// <param name="output">The container's end of its log: standard output and error, unless it has a terminal.</param>
    /// <exception cref="KernelException">With the step that failed; nothing is left of it.</exception>
    LaunchedContainer Launch(ContainerOrder order, Fd output);

    /// <summary>Starts a process that is no container.</summary>
    /// <exception cref="LaunchException">A step failed; nothing is left of it.</exception>
    LaunchedContainer Start(LaunchProgram program, LaunchInputs inputs);

    /// <summary>Removes what outlives a container's processes: the host ends of its links.</summary>
    KernelError? CleanUp(ContainerOrder order);

    /// <summary>See <see cref="Containers.ContainerNetworkSet"/>; the process is the container's first.</summary>
    KernelError? SetInterface(ContainerOrder order, int pid, Fd process, NetworkAttachment attachment);

    KernelError? RemoveInterface(ContainerOrder order, int pid, Fd process, string name);
}
