using Provision.Spec;

namespace Provision.Reconciler.Tests.Fakes;

/// <summary>A shelf, its driver, a planner and an applier.</summary>
internal sealed class Workbench : IApplyProgress
{
    public Workbench()
    {
        Planner = new Planner(new DriverRegistry([new BoxDriver(Shelf)]));
        Applier = new Applier(Planner, [Shelf]);
    }

    public Shelf Shelf { get; } = new();

    public Planner Planner { get; }

    public Applier Applier { get; }

    public Scope Scope { get; init; } = new();

    public List<string> Undone { get; } = [];

    public PlanResult Plan(ResourceSet set, PlanOptions? options = null) => Planner.Plan(set, Scope, options ?? new PlanOptions());

    public ApplyResult Apply(ResourceSet set, PlanOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new PlanOptions();
        return Applier.Apply(Plan(set, options), options, this, cancel);
    }

    public void Performed(ResourceId? id, Operation operation, KernelError? error)
    {
    }

    public void Undone_(Operation operation) => Undone.Add(operation.Text);

    void IApplyProgress.Undone(ResourceId? id, Operation operation, KernelError? error) => Undone_(operation);
}
