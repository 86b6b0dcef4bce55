using Provision.Drivers.Bridge;
using Provision.Drivers.Cgroup;
using Provision.Drivers.Container;
using Provision.Drivers.Tests.Cgroup;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Tests.Container;

/// <summary>The drivers of Cgroup and Container, planner and applier on a model of a host.</summary>
internal sealed class FakeHost : IApplyProgress
{
    public static readonly KindRegistry Kinds = new([CgroupSchema.Schema, BridgeSchema.Schema, ContainerSchema.Schema]);

    private readonly Planner _planner;

    public FakeHost(FakeCgroups cgroups)
    {
        Cgroups = cgroups;
        Containers = new FakeContainers(cgroups);
        _planner = new Planner(new DriverRegistry([new CgroupDriver(cgroups), new StandingBridges(), new ContainerDriver(() => Containers, cgroups, static _ => [6, 0, 0, 0, 0, 0, 255, 127], static _ => null)]));
    }

    public FakeCgroups Cgroups { get; }

    public FakeContainers Containers { get; }

    public List<Operation> Performed { get; } = [];

    public static ManifestResult Read(string yaml) => Manifests.Parse("manifest.yaml", yaml, Kinds);

    public static string Doc(string name, string spec, string kind = "Container", string metadata = "") =>
        $"apiVersion: provision/v1\nkind: {kind}\nmetadata: {{name: {name}{metadata}}}\nspec: {spec}\n";

    public static ResourceSet Set(params string[] documents)
    {
        var result = Read(string.Join("---\n", documents));
        Assert.True(!result.HasErrors, string.Join('\n', result.Diagnostics.Items.Select(static d => d.Message)));
        return result.Set;
    }

    public PlanResult Plan(ResourceSet set, PlanOptions? options = null) => _planner.Plan(set, new Scope(), options ?? new PlanOptions());

    public Findings Findings(ResourceSet set) => _planner.Look(set, new Scope(), new PlanOptions());

    public IReadOnlyList<Observed> Look(ResourceSet set) => [.. Findings(set).Observed.Values.SelectMany(static o => o)];

    public ApplyResult Apply(ResourceSet set) => Apply(Plan(set));

    public ApplyResult Apply(PlanResult plan)
    {
        Assert.True(!plan.HasErrors, string.Join('\n', plan.Diagnostics.Select(static d => d.Message)));
        return new Applier(_planner, [Cgroups, Containers]).Apply(plan, new PlanOptions(), this, default);
    }

    public ApplyResult Destroy() => Apply(_planner.PlanDestroy(new Scope(), true, new PlanOptions()));

    /// <summary>Applies, and expects it to work and a second plan to be empty.</summary>
    public void Converge(ResourceSet set)
    {
        var result = Apply(set);
        Assert.True(result.Outcome == ApplyOutcome.Done, Tests.Cgroup.FakeHost.Describe(result));
        var again = Plan(set);
        Assert.True(again.Plan.IsEmpty, string.Join('\n', again.Plan.Changes.SelectMany(static c => c.Fields)));
    }

    public string Dump() => Cgroups.Dump() + "\n" + Containers.Dump();

    void IApplyProgress.Performed(ResourceId? id, Operation operation, KernelError? error)
    {
        if (error is null)
            Performed.Add(operation);
    }

    void IApplyProgress.Undone(ResourceId? id, Operation operation, KernelError? error)
    {
    }
}
