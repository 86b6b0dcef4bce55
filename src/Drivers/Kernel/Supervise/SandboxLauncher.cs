using Provision.Kernel.Sandbox;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>Launches containers by compiling their specs to launch programs.</summary>
internal sealed class SandboxLauncher(string instance, CgroupRoots cgroups) : IContainerLauncher
{
    public LaunchedContainer Launch(ContainerOrder order, Fd output) => throw new NotSupportedException(instance + cgroups);

    public KernelError? CleanUp(ContainerOrder order) => null;

    public KernelError? SetInterface(ContainerOrder order, int pid, NetworkAttachment attachment) => null;

    public KernelError? RemoveInterface(ContainerOrder order, int pid, string name) => null;
}
