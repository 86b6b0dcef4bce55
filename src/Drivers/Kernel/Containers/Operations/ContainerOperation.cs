using Provision.Kernel.Supervise;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Kernel.Containers;

/// <summary>An operation on one container, carried out by the instance's supervisor.</summary>
/// <param name="Instance">Whose supervisor.</param>
/// <param name="Name">The container's name within the instance.</param>
public abstract record ContainerOperation(string Instance, string Name) : Operation
{
    public sealed override string Object => Name;

    // An order has lists, and a plan has no room for all of it: its digest tells it apart as well.
    private protected static string Digest(ContainerOrder order) =>
        Sha256.Hex(SuperviseJson.Text(order))[..16];
}
