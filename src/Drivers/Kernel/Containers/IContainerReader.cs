namespace Provision.Kernel.Containers;

/// <summary>
/// The only way in which drivers see containers; it has no member that changes anything. A container is its leaf
/// cgroup → the pid in its run record, checked → its namespaces.
/// </summary>
public interface IContainerReader
{
    /// <summary>Suffix of a container's leaf cgroup directory.</summary>
    const string Suffix = ".ctr";

    /// <summary>
    /// Every leaf cgroup below the instance's root with what runs in it; what vanishes meanwhile is as if it had not
    /// been there. With <paramref name="only"/> just the containers of these names.
    /// </summary>
    /// <exception cref="Reconciler.KernelException">The kernel refuses.</exception>
    ContainerTable Read(string instance, IReadOnlySet<string>? only = null);
}
