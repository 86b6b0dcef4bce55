using Provision.Kernel.Sandbox;
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

    /// <summary>Where it is to be started, for the listing.</summary>
    public SandboxHost? Host { get; init; }

    /// <summary>The launch program, a system call a line; values of the environment are left out.</summary>
    public override IReadOnlyList<string> Listing => Host is null || !Order.Running ? [] : ListingOf(Order, Host);

    /// <summary>The program that a container was started by.</summary>
    public static IReadOnlyList<string> ListingOf(ContainerOrder order, SandboxHost host) =>
        SandboxCheck.Problem(order.Sandbox) is null ? SandboxCompiler.Show(order.Sandbox, host).Listing() : [];

    public bool Equals(ContainerStart? other) => other is not null && base.Equals(other) && Text == other.Text;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}
