using Provision.Reconciler;
using Provision.Reconciler.Reports;
using Provision.Spec;

namespace Provision.Cli;

/// <summary>Operations as they are done, on one line of a terminal.</summary>
internal sealed class ProgressLine(Output output, Plan plan, DriverRegistry drivers) : IApplyProgress
{
    private const int Widest = 70;

    private readonly ShownOperation _shown = new(drivers);
    private readonly int _all = plan.Before.Length + plan.Changes.Sum(static c => c.Operations.Length) + plan.After.Length;
    private int _done;

    public void Performed(ResourceId? id, Operation operation, KernelError? error) => Tell($"[{++_done}/{_all}]", id, operation);

    public void Undone(ResourceId? id, Operation operation, KernelError? error) => Tell("[undo]", id, operation);

    private void Tell(string where, ResourceId? id, Operation operation)
    {
        var text = $"{where} {id?.ToString() ?? "the instance"}: {_shown.Text(id, operation)}";
        output.Progress(text.Length <= Widest ? text : text[..Widest] + "…");
    }
}
