using Provision.Kernel.Supervise;

namespace Provision.Kernel.Containers;

/// <summary>
/// Hands the order to the supervisor, which is started when there is none, and waits until the container's program
/// runs or the step that failed is told. With <see cref="ContainerOrder.Running"/> false it is only made known. The
/// leaf cgroup must be there. A container that runs already is an error (EEXIST).
/// </summary>
public sealed record ContainerStart(string Instance, ContainerOrder Order) : ContainerOperation(Instance, Order.Name)
{
    public override string Text =>
        $"{(Order.Running ? "start" : "order")} container {Name}: {string.Join(' ', Order.Sandbox.Command)} (order sha256:{Digest(Order)})";

    public bool Equals(ContainerStart? other) => other is not null && base.Equals(other) && Text == other.Text;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}
