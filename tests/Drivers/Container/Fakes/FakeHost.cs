using Provision.Drivers.Bridge;
using Provision.Drivers.Cgroup;
using Provision.Drivers.Container;
using Provision.Drivers.SecurityProfile;
using Provision.Drivers.Tests.Cgroup;
using Provision.Kernel;
using Provision.Reconciler;
using Provision.Reconciler.Reports;
using Provision.Spec;

namespace Provision.Drivers.Tests.Container;

/// <summary>The drivers of Cgroup and Container, planner and applier on a model of a host.</summary>
internal sealed class FakeHost : IApplyProgress
{
    public static readonly KindRegistry Kinds = new([CgroupSchema.Schema, BridgeSchema.Schema, ContainerSchema.Schema, SecurityProfileSchema.Schema]);

    /// <summary>As <c>uname -r</c> tells it.</summary>
    public const string Kernel = "6.18";

    private readonly Planner _planner;

    public FakeHost(FakeCgroups cgroups)
    {
        Cgroups = cgroups;
        Containers = new FakeContainers(cgroups);
        _planner = new Planner(new DriverRegistry(
        [
            new CgroupDriver(cgroups), new StandingBridges(),
            new ContainerDriver(() => Containers, cgroups, Security, new SeccompFilters(static () => Kernel), static _ => null, () => Filters),
            new SecurityProfileDriver(Security),
        ]));
    }

    public FakeCgroups Cgroups { get; }

    public FakeSecurity Security { get; } = new();

    public FakeContainers Containers { get; }

    public FakeFilters Filters { get; } = new();

    public List<Operation> Performed { get; } = [];

    /// <param name="folder">Where files that the manifest names are.</param>
    public static ManifestResult Read(string yaml, string? folder = null) => Manifests.Parse("manifest.yaml", yaml, Kinds,
        new ManifestOptions { ReadBeside = (_, name, limit) => folder is null ? (null, "no folder") : BesideFile.Read(folder, name, limit) });

    public static string Doc(string name, string spec, string kind = "Container", string metadata = "") =>
        $"apiVersion: provision/v1\nkind: {kind}\nmetadata: {{name: {name}{metadata}}}\nspec: {spec}\n";

    public static ResourceSet Set(params string[] documents)
    {
        var result = Read(string.Join("---\n", documents));
        Assert.True(!result.HasErrors, string.Join('\n', result.Diagnostics.Items.Select(static d => d.Message)));
        return result.Set;
    }

    /// <summary>The resources of a whole manifest.</summary>
    public static ResourceSet SetIn(string folder, string file)
    {
        var result = Read(File.ReadAllText(Path.Combine(folder, file)), folder);
        Assert.True(!result.HasErrors, string.Join('\n', result.Diagnostics.Items.Select(static d => d.Message)));
        return result.Set;
    }

    public PlanResult Plan(ResourceSet set, PlanOptions? options = null) => _planner.Plan(set, new Scope(), options ?? new PlanOptions());

    public Findings Findings(ResourceSet set) => _planner.Look(set, new Scope(), new PlanOptions());

    public DriftReport Drift(ResourceSet set, bool deep)
    {
        var findings = Findings(set);
        return DriftReportBuilder.Of(findings, _planner.Drivers, deep ? DeepLooks.Of(findings, _planner.Drivers) : null);
    }

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
