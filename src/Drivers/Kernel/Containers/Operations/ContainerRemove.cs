namespace Provision.Kernel.Containers;

/// <summary>
/// Stops the container if it runs and makes the supervisor forget it, with its host ends of links, its FIFO and its
/// logs. A supervisor that has no container left ends, and its cgroup goes. The leaf cgroup stays: removing it is a
/// step of its own.
/// </summary>
/// <param name="Takeback">True when it takes back a start of the same run: nothing older is lost by it.</param>
/// <param name="KeepLogs">True when another container of that name follows: its log goes on where this one's ends.</param>
public sealed record ContainerRemove(string Instance, string Name, string Cgroup, bool Takeback = false, bool KeepLogs = false) : ContainerOperation(Instance, Name)
{
    public override string Text => $"remove container {Name}{(KeepLogs ? ", keep its log" : "")}";

    public override bool Irreversible => !Takeback;
}
