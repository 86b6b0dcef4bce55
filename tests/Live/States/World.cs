using Provision.Drivers;
using Provision.Drivers.Bridge;
using Provision.Drivers.Cgroup;
using Provision.Drivers.Container;
using Provision.Drivers.SecurityProfile;
using Provision.Kernel;
using Provision.Kernel.Containers;
using Provision.Kernel.Netlink;
using Provision.Kernel.Sandbox;
using Provision.Kernel.Supervise;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Testing.States;

/// <summary>
/// A host of the test's own: an instance, and a network namespace with links that manifests name as ports and others that
/// are none of Provision's business. Everything from manifest to kernel is there but the command line.
/// </summary>
internal sealed class World : IDisposable
{
    // What --prune-all plans: the set is all that the stack shall have.
    private static readonly PlanOptions Options = new() { Prune = true, PruneAll = true };

    private static readonly KindRegistry Kinds = new([CgroupSchema.Schema, BridgeSchema.Schema, ContainerSchema.Schema, SecurityProfileSchema.Schema]);

    private readonly CgroupLayout _layout = CgroupLayout.Discover();
    private readonly List<IDisposable> _open = [];
    private readonly IReadOnlyList<IOperationExecutor> _executors;

    public World()
    {
        Netns = new OwnNetns();
        var lines = StateGen.Ports.Select(static (p, i) => $"link add {p} address 02:00:00:00:00:1{i} type veth peer name {p}p");
        Command.Run(new System.Diagnostics.ProcessStartInfo("ip", ["-n", Netns.Name, "-batch", "-"]), string.Join('\n', [.. lines, "link set eth2 mtu 1450", "link set lo up"])).Succeeded();
        var cgroups = new CgroupReader(_layout);
        var links = Open(Netns.Inside(static () => new RtnetlinkReader()));
        var containers = Open(Netns.Inside(() => new ContainerReader(_layout)));
        var security = new SecurityReader(() => _layout);
        Planner = new Planner(new DriverRegistry(
        [
            new CgroupDriver(Open(cgroups)), new BridgeDriver(links), new SecurityProfileDriver(security),
            new ContainerDriver(() => containers, Open(new CgroupReader(_layout)), security, new SeccompFilters(static () => HostFacts.KernelRelease), HostPlaces.Problem),
        ]));
        _executors = [new Faulty(this, Open(new CgroupExecutor(_layout))), new Faulty(this, Open(Netns.Inside(static () => new RtnetlinkExecutor()))), new Faulty(this, new Supervised(this))];
    }

    public OwnInstance Instance { get; } = new();

    public OwnNetns Netns { get; }

    public Planner Planner { get; }

    public Scope Scope => new(Instance.Name);

    /// <summary>The kernel refuses this operation, once.</summary>
    public Operation? Refused { get; set; }

    /// <summary>These operations say that they are done, and are not; neither are their undos.</summary>
    public IReadOnlyList<Operation> Dropped { get; set; } = [];

    public static ResourceSet Parse(string text)
    {
        var result = Manifests.Parse("set.yaml", text, Kinds);
        Assert.True(!result.HasErrors, string.Join('\n', result.Diagnostics.Items.Select(static d => $"{d.Span} {d.Code} {d.Message}")));
        return result.Set;
    }

    /// <summary>The plan, which must have no error: sets are made such that this host can have them.</summary>
    public PlanResult Plan(ResourceSet set)
    {
        var plan = Planner.Plan(set, Scope, Options);
        Assert.True(!plan.HasErrors, "no plan: " + string.Join('\n', plan.Diagnostics.Select(static d => $"{d.Code} {d.Message}")));
        return plan;
    }

    public static IReadOnlyList<Operation> Operations(PlanResult plan) => [.. plan.Plan.Before, .. plan.Plan.Changes.SelectMany(static c => c.Operations), .. plan.Plan.After];

    public ApplyResult Apply(PlanResult plan) => new Applier(Planner, _executors).Apply(plan, Options, new Quiet(), CancellationToken.None);

    /// <summary>Performs what may be possible or not.</summary>
    public void Perform(Operation operation) => _executors.First(e => e.Handles(operation)).Execute([operation], CancellationToken.None);

    /// <summary>Applies, after which nothing is left to do.</summary>
    public void Converge(ResourceSet set)
    {
        var plan = Plan(set);
        var result = Apply(plan);
        Assert.True(result.Outcome == ApplyOutcome.Done, $"{Describe(result)}\n{string.Join('\n', Operations(plan).Select(static o => $"planned: {o.Text}"))}");
        AssertNothingToDo(set);
    }

    public void AssertNothingToDo(ResourceSet set)
    {
        var plan = Plan(set);
        Assert.True(plan.Plan.IsEmpty, "still to do: " + string.Join('\n', [.. Operations(plan).Select(static o => o.Text), .. plan.Plan.Changes.SelectMany(static c => c.Fields).Select(static f => f.ToString())]));
    }

    public void Destroy()
    {
        var result = Apply(Planner.PlanDestroy(Scope, allStacks: true, new PlanOptions()));
        Assert.True(result.Outcome == ApplyOutcome.Done, "destroy: " + Describe(result));
    }

    public static string Describe(ApplyResult result) => string.Join('\n',
    [
        result.Outcome.ToString(), .. result.Failures.Select(static f => $"failed: {f.Operation.Text}: {f.Error}"),
        .. result.Unverified.Concat(result.NotRestored).Select(static u => $"{u.Id} {u.Text}: {string.Join(", ", u.Fields)}"),
        .. result.UndoFailures.Select(static f => $"undo: {f.Operation.Text}: {f.Error}"), result.Broke ?? "",
    ]);

    public void Dispose()
    {
        // Before the containers, which it would start again.
        if (SupervisorClient.Connect(SupervisorPaths.Of(Instance.Name)) is { } client)
            using (client)
                Command.Run("/bin/kill", ["-KILL", $"{client.Ask(new Request { Verb = Verb.Hello }).Pid}"]);
        foreach (var one in _open)
            one.Dispose();
        Instance.Dispose();
        Netns.Dispose();
    }

    private T Open<T>(T one) where T : IDisposable
    {
        _open.Add(one);
        return one;
    }

    /// <summary>The supervisor lives in the namespace of the links, where this process does not.</summary>
    private sealed class Supervised(World world) : IOperationExecutor
    {
        private readonly ContainerExecutor _inner = new(SupervisorBench.Program);

        public bool Handles(Operation operation) => _inner.Handles(operation);

        public IReadOnlyList<KernelError?> Execute(IReadOnlyList<Operation> independent, CancellationToken cancel)
        {
            if (independent.Count == 0)
                return [];
            // As long as it is asked something it does not end.
            var paths = SupervisorPaths.Of(world.Instance.Name);
            SupervisorClient? client = null;
            // The one before may be about to end, and keep its lock until then.
            SupervisorBench.Until(() => (client = Asked(paths) ?? Started(paths)) is not null, "no supervisor stays");
            using (client)
                return _inner.Execute(independent, cancel);
        }

        private SupervisorClient? Started(SupervisorPaths paths) =>
            world.Netns.Run(SupervisorBench.Program, "supervise", "--instance", world.Instance.Name, "--detach").ExitCode == 0 ? Asked(paths) : null;

        private static SupervisorClient? Asked(SupervisorPaths paths)
        {
            var client = SupervisorClient.Connect(paths);
            try
            {
                client?.Ask(new Request { Verb = Verb.Hello }, TimeSpan.FromMinutes(3));
                return client;
            }
            catch (KernelException)
            {
                client!.Dispose();
                return null;
            }
        }
    }

    private sealed class Faulty(World world, IOperationExecutor inner) : IOperationExecutor
    {
        public bool Handles(Operation operation) => inner.Handles(operation);

        public IReadOnlyList<KernelError?> Execute(IReadOnlyList<Operation> independent, CancellationToken cancel)
        {
            var results = new KernelError?[independent.Count];
            var left = Enumerable.Range(0, results.Length).Where(i => !Skipped(independent[i], ref results[i])).ToList();
            var done = inner.Execute([.. left.Select(i => independent[i])], cancel);
            for (var n = 0; n < done.Count; n++)
                results[left[n]] = done[n];
            return results;
        }

        private bool Skipped(Operation operation, ref KernelError? result)
        {
            if (ReferenceEquals(operation, world.Refused))
            {
                world.Refused = null;
                result = new KernelError("test", operation.Object, null, Errno.EIO);
                return true;
            }

            return world.Dropped.Any(d => ReferenceEquals(operation, d) || ReferenceEquals(operation, d.Undo));
        }
    }

    private sealed class Quiet : IApplyProgress
    {
        public void Performed(ResourceId? id, Operation operation, KernelError? error)
        {
        }

        public void Undone(ResourceId? id, Operation operation, KernelError? error)
        {
        }
    }
}
