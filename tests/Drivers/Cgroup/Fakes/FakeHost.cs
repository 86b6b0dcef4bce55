using Provision.Drivers.Cgroup;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Tests.Cgroup;

/// <summary>The Cgroup driver, planner and applier on a model of a host.</summary>
internal sealed class FakeHost(FakeCgroups kernel) : IApplyProgress
{
    private static readonly KindRegistry Kinds = new([CgroupSchema.Schema]);
    private readonly Planner _planner = new(new DriverRegistry([new CgroupDriver(kernel)]));

    public FakeCgroups Kernel { get; } = kernel;

    public static ManifestResult Read(string yaml) => Manifests.Parse("manifest.yaml", yaml, Kinds);

    public static string Doc(string name, string spec, string metadata = "") =>
        $"apiVersion: provision/v1\nkind: Cgroup\nmetadata: {{name: {name}{metadata}}}\nspec: {spec}\n";

    public static ResourceSet Set(params string[] documents)
    {
        var result = Read(string.Join("---\n", documents));
        Assert.True(!result.HasErrors, string.Join('\n', result.Diagnostics.Items.Select(static d => d.Message)));
        return result.Set;
    }

    public PlanResult Plan(ResourceSet set, PlanOptions? options = null) => _planner.Plan(set, new Scope(), options ?? new PlanOptions());

    public IEnumerable<Observed> Look(ResourceSet set) =>
        _planner.Look(set, new Scope(), new PlanOptions()).Observed.Values.SelectMany(static o => o);

    public ApplyResult Apply(ResourceSet set) => Apply(Plan(set));

    public ApplyResult Apply(PlanResult plan)
    {
        Assert.True(!plan.HasErrors, string.Join('\n', plan.Diagnostics.Select(static d => d.Message)));
        return new Applier(_planner, [Kernel]).Apply(plan, new PlanOptions(), this, default);
    }

    public ApplyResult Destroy() => Apply(_planner.PlanDestroy(new Scope(), true, new PlanOptions()));

    /// <summary>Applies, and expects it to work and a second plan to be empty.</summary>
    public void Converge(ResourceSet set)
    {
        var result = Apply(set);
        Assert.True(result.Outcome == ApplyOutcome.Done, Describe(result));
        var again = Plan(set);
        Assert.True(again.Plan.IsEmpty, string.Join('\n', again.Plan.Changes.SelectMany(static c => c.Fields)));
    }

    public static string Describe(ApplyResult result) => string.Join('\n',
        result.Failures.Select(static f => f.Error.ToString())
            .Concat(result.Unverified.Select(static u => $"{u.Id} {u.Text}: {string.Join(", ", u.Fields)}"))
            .Concat(result.NotRestored.Select(static u => $"{u.Id} {u.Text}: {string.Join(", ", u.Fields)}"))
            .Concat(result.UndoFailures.Select(static f => $"undo: {f.Error}"))
            .Prepend(result.Outcome.ToString()));

    void IApplyProgress.Performed(ResourceId? id, Operation operation, KernelError? error)
    {
    }

    void IApplyProgress.Undone(ResourceId? id, Operation operation, KernelError? error)
    {
    }
}
