using Provision.Kernel.Netlink;
using Provision.Reconciler;
using Provision.Spec;
using Provision.Testing;

namespace Provision.Drivers.Bridge;

/// <summary>The whole way from manifest text to the kernel of a network namespace of the test's own.</summary>
internal sealed class BridgeBench : IDisposable
{
    private static readonly KindRegistry Kinds = new([BridgeSchema.Schema]);

    private readonly RtnetlinkExecutor _executor;

    public BridgeBench()
    {
        Reader = Netns.Inside(static () => new RtnetlinkReader());
        _executor = Netns.Inside(static () => new RtnetlinkExecutor());
        Planner = new Planner(new DriverRegistry([new BridgeDriver(Reader)]));
    }

    public OwnNetns Netns { get; } = new();

    public RtnetlinkReader Reader { get; }

    public Planner Planner { get; }

    public Scope Scope { get; } = new("test");

    /// <summary>The text of the operation that fails next, as if the kernel had refused it; only once.</summary>
    public string? Refuse { get; set; }

    /// <summary>A Bridge manifest of this name with these lines below <c>spec</c>.</summary>
    public static string Manifest(string name, string spec, string metadata = "") =>
        $"apiVersion: provision/v1\nkind: Bridge\nmetadata: {{name: {name}{(metadata.Length == 0 ? "" : ", " + metadata)}}}\nspec:\n"
        + string.Concat(spec.Split(';').Select(static line => $"  {line.Trim()}\n"));

    public static ResourceSet Parse(params string[] manifests)
    {
        var result = Manifests.Parse("test.yaml", string.Join("---\n", manifests), Kinds);
        Assert.True(!result.HasErrors, string.Join('\n', result.Diagnostics.Items.Select(static d => $"{d.Span} {d.Code} {d.Message}")));
        return result.Set;
    }

    public PlanResult Plan(ResourceSet set, PlanOptions? options = null) => Planner.Plan(set, Scope, options ?? new PlanOptions());

    public string[] Operations(ResourceSet set, PlanOptions? options = null) =>
        [.. Plan(set, options).Plan.Changes.SelectMany(static c => c.Operations).Select(static o => o.Text)];

    public ApplyResult Apply(ResourceSet set, PlanOptions? options = null) => Apply(Plan(set, options), options);

    public ApplyResult Apply(PlanResult plan, PlanOptions? options = null)
    {
        Assert.True(!plan.HasErrors, string.Join('\n', plan.Diagnostics.Select(static d => $"{d.Code} {d.Message}")));
        return new Applier(Planner, [new Refusing(_executor, this)]).Apply(plan, options ?? new PlanOptions(), new Quiet(), CancellationToken.None);
    }

    /// <summary>Applies, and the next plan is empty: what every converged kernel must show.</summary>
    public void Converge(ResourceSet set, PlanOptions? options = null)
    {
        var result = Apply(set, options);
        Assert.True(result.Outcome == ApplyOutcome.Done, string.Join('\n', result.Failures.Select(static f => f.ToString()).Concat(result.Unverified.Select(static u => u.ToString()))));
        Assert.Empty(Operations(set, options));
    }

    public void Converge(string manifest) => Converge(Parse(manifest));

    public void Dispose()
    {
        Reader.Dispose();
        _executor.Dispose();
        Netns.Dispose();
    }

    private sealed class Quiet : IApplyProgress
    {
        public void Performed(ResourceId? id, Operation operation, KernelError? error)
        {
        }

        public void Undone(ResourceId? id, Operation operation, KernelError? error) => Assert.Null(error);
    }

    private sealed class Refusing(IOperationExecutor inner, BridgeBench bench) : IOperationExecutor
    {
        public bool Handles(Operation operation) => inner.Handles(operation);

        public IReadOnlyList<KernelError?> Execute(IReadOnlyList<Operation> independent, CancellationToken cancel)
        {
            var refused = independent.Select(o => o.Text == bench.Refuse).ToList();
            if (refused.Contains(true))
                bench.Refuse = null;
            var results = new Queue<KernelError?>(inner.Execute([.. independent.Where((_, i) => !refused[i])], cancel));
            return [.. refused.Select(r => r ? new KernelError("test", "test", null, 22) : results.Dequeue())];
        }
    }
}
