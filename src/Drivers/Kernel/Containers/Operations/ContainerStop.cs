namespace Provision.Kernel.Containers;

/// <summary>
/// Sends the stop signal, kills what is left in the cgroup after the timeout, and returns when nothing runs there. The
/// container stays known and is not started again. One that does not run is fine.
/// </summary>
/// <param name="Cgroup">Its leaf, relative to the hierarchies' mount points: emptied even when no supervisor knows it.</param>
public sealed record ContainerStop(string Instance, string Name, string Cgroup) : ContainerOperation(Instance, Name)
{
    public override string Text => $"stop container {Name}";

    public override bool Irreversible => true;
}
