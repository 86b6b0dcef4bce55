using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>Told of every operation as it ends; for a progress line and for logs.</summary>
public interface IApplyProgress
{
    /// <param name="id">The resource it serves; null when it serves the instance.</param>
    /// <param name="operation">What was done.</param>
    /// <param name="error">Null when it succeeded.</param>
    void Performed(ResourceId? id, Operation operation, KernelError? error);

    /// <summary>An operation was taken back.</summary>
    void Undone(ResourceId? id, Operation operation, KernelError? error);
}
