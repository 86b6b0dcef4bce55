using Microsoft.Extensions.Logging;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Cli.Agent;

/// <summary>Operations as debug lines; failures are told by the look that met them.</summary>
internal sealed class AgentProgress(ILogger log) : IApplyProgress
{
    public void Performed(ResourceId? id, Operation operation, KernelError? error)
    {
        if (error is null)
            log.Performed(operation.Text, id?.ToString() ?? "the instance");
    }

    public void Undone(ResourceId? id, Operation operation, KernelError? error) =>
        log.Performed("undo: " + operation.Text, id?.ToString() ?? "the instance");
}
