using Provision.Drivers.Cgroup;
using Provision.Kernel;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Testing;

/// <summary>Manifests of Cgroups planned and applied to this kernel, in an instance of the test's own.</summary>
internal sealed class CgroupBench : IApplyProgress, IDisposable
{
    private readonly CgroupLayout _layout = CgroupLayout.Discover();
    private readonly CgroupReader _reader;
    private readonly CgroupExecutor _executor;
    private readonly KindRegistry _kinds = new([CgroupSchema.Schema]);

    public CgroupBench()
    {
        _reader = new CgroupReader(_layout);
        _executor = new CgroupExecutor(_layout);
        Planner = new Planner(new DriverRegistry([new CgroupDriver(_reader)]));
    }

    public OwnInstance Instance { get; } = new();

    public Planner Planner { get; }

    public Scope Scope => new(Instance.Name);

    public List<string> Performed { get; } = [];

    /// <summary>The operation with this text fails instead of being performed; null: none does.</summary>
    public string? FailAt { get; set; }

    /// <summary>A document from its spec in flow style: <c>Doc("web", "{pids: {max: 5}}")</c>.</summary>
    public static string Doc(string name, string spec, string metadata = "") =>
        $"apiVersion: provision/v1\nkind: Cgroup\nmetadata: {{name: {name}{metadata}}}\nspec: {spec}\n";

    public ResourceSet Load(params string[] documents)
    {
        var result = Manifests.Parse("test.yaml", string.Join("---\n", documents), _kinds);
        Assert.True(!result.HasErrors, string.Join('\n', result.Diagnostics.Items.Select(static d => d.Message)));
        return result.Set;
    }

    public PlanResult Plan(ResourceSet set, PlanOptions? options = null) => Planner.Plan(set, Scope, options ?? new PlanOptions());

    public PlanResult Plan(params string[] documents) => Plan(Load(documents));

    public ApplyResult Apply(PlanResult plan, PlanOptions? options = null)
    {
        Assert.True(!plan.HasErrors, string.Join('\n', plan.Diagnostics.Select(static d => d.Message)));
        Performed.Clear();
        return new Applier(Planner, [new Faulty(this)]).Apply(plan, options ?? new PlanOptions(), this, default);
    }

    /// <summary>Applies, and expects it to work and to leave nothing to do.</summary>
    public PlanResult Converge(params string[] documents)
    {
        var set = Load(documents);
        var plan = Plan(set);
        var result = Apply(plan);
        Assert.True(result.Outcome == ApplyOutcome.Done, Describe(result));
        var second = Plan(set);
        Assert.True(second.Plan.IsEmpty, string.Join('\n', second.Plan.Changes.SelectMany(static c => c.Fields)));
        return plan;
    }

    public ApplyResult Destroy() => Apply(Planner.PlanDestroy(Scope, allStacks: true, new PlanOptions()));

    /// <summary>What a file of a v1 cgroup says, without the last newline.</summary>
    public string V1(string controller, string path) => File.ReadAllText(Instance.V1(controller, path)).TrimEnd('\n');

    /// <summary>What a file of a v2 cgroup says, without the last newline; null when it is not there.</summary>
    public string? V2(string path) => File.Exists(Instance.Unified(path)) ? File.ReadAllText(Instance.Unified(path)).TrimEnd('\n') : null;

    /// <summary>pids.max, of whichever version.</summary>
    public string PidsMax(string path) => File.ReadAllText(Instance.Cgroup("pids", $"{path}/pids.max")).TrimEnd('\n');

    /// <summary>Somebody else's write to a file of whichever version: <c>Foreign("pids", "web.cg/pids.max", "7")</c>.</summary>
    public void Foreign(string controller, string path, string value) => File.WriteAllText(Instance.Cgroup(controller, path), value);

    public static string Describe(ApplyResult result) => string.Join('\n',
        result.Failures.Select(static f => f.Error.ToString())
            .Concat(result.Unverified.Select(static u => $"{u.Id} {u.Text}: {string.Join(", ", u.Fields)}"))
            .Concat(result.UndoFailures.Select(static f => $"undo: {f.Error}"))
            .Prepend(result.Outcome.ToString()));

    public void Dispose()
    {
        _reader.Dispose();
        _executor.Dispose();
        Instance.Dispose();
    }

    void IApplyProgress.Performed(ResourceId? id, Operation operation, KernelError? error) => Performed.Add(operation.Text);

    void IApplyProgress.Undone(ResourceId? id, Operation operation, KernelError? error)
    {
    }

    private sealed class Faulty(CgroupBench bench) : IOperationExecutor
    {
        public bool Handles(Operation operation) => bench._executor.Handles(operation);

        public IReadOnlyList<KernelError?> Execute(IReadOnlyList<Operation> independent, CancellationToken cancel) =>
        [
            .. independent.Select(o => o.Text == bench.FailAt
                ? new KernelError("test", o.Object, null, Errno.EIO)
                : bench._executor.Execute([o], cancel)[0]),
        ];
    }
}
