using Provision.Kernel.Sandbox;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>A container's first process, running its program.</summary>
internal sealed record LaunchedContainer(int Pid, Fd Process);

/// <summary>Starts containers and changes what only another namespace can change; each member may take a while.</summary>
internal interface IContainerLauncher
{
    /// <summary>Returns when the program runs.</summary>
    /// <param name="output">The container's end of its log: standard output and error.</param>
    /// <exception cref="KernelException">With the step that failed; nothing is left of it.</exception>
    LaunchedContainer Launch(ContainerOrder order, Fd output);

    /// <summary>Removes what outlives a container's processes: the host ends of its links.</summary>
    KernelError? CleanUp(ContainerOrder order);

    /// <summary>See <see cref="Containers.ContainerNetworkSet"/>; the process is the container's first.</summary>
    KernelError? SetInterface(ContainerOrder order, int pid, Fd process, NetworkAttachment attachment);

    KernelError? RemoveInterface(ContainerOrder order, string name);
}
