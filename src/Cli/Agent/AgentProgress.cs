using Microsoft.Extensions.Logging;
using Provision.Reconciler;
using Provision.Reconciler.Reports;
using Provision.Spec;

namespace Provision.Cli.Agent;

/// <summary>Operations as debug lines; failures are told by the look that met them.</summary>
internal sealed class AgentProgress(ILogger log, ShownOperation shown) : IApplyProgress
{
    public void Performed(ResourceId? id, Operation operation, KernelError? error)
    {
        if (error is null && log.IsEnabled(LogLevel.Debug))
            log.Performed(shown.Text(id, operation), Name(id));
    }

    public void Undone(ResourceId? id, Operation operation, KernelError? error)
    {
        if (error is not null)
            log.UndoFailed(shown.Text(id, operation), Name(id), shown.Error(new OperationFailure(id, operation, error)).ToString());
        else if (log.IsEnabled(LogLevel.Debug))
            log.Performed("undo: " + shown.Text(id, operation), Name(id));
    }

    private static string Name(ResourceId? id) => id?.ToString() ?? "the instance";
}
